#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "metlog/client.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/client/owned_values.h"
#include "metlog/internal/python/decorator_name.h"

namespace metlog {

/// The functions that decorators call at their first call: those of holder.h, unless replaced.
struct DecoratorSource {
  /// Returns null while there is no default client.
  Client* (*default_client)();
  Client* (*client_named)(std::string_view name);
  /// Returns true when "timeit" or "incr_count" is in the global configuration's
  /// disabled_decorators.
  bool (*is_decorator_disabled)(std::string_view kind);
  bool (*is_timer_disabled)(const Client& client, std::string_view name);
};

/// Replaces the functions for the whole process and returns the previous ones. Any thread.
DecoratorSource set_decorator_source(const DecoratorSource& source);

/// Returns the total number of calls of wrapped functions that were not measured because there was
/// no open client.
std::uint64_t unmeasured_calls();

/// The contents of a decorator's messages, and their client. Everything except the client is
/// copied.
struct DecoratorOptions {
  FieldValue count = 1;  ///< of incr_count()
  std::string_view logger = CallOptions::kNotGiven;
  int severity = CallOptions::kSeverityNotGiven;
  FieldList fields = {};
  double rate = 1.0;
  /// When neither is given: the default client at the first call, remembered until it is closed.
  Client* client = nullptr;
  std::string_view client_name = {};
};

/// The state of a wrapped function; copies of the wrapper share it. The first call decides for good
/// whether it measures, and chooses the client, until that is closed. Any thread.
class Decorator {
 public:
  Decorator(DecoratorName name, const DecoratorOptions& options);
  Decorator(const Decorator&) = delete;
  Decorator& operator=(const Decorator&) = delete;

  /// Returns the open client that measures this call. Null when there is none, which counts as an
  /// unmeasured call.
  Client* client();
  /// True when this kind is in the global configuration's disabled_decorators.
  [[nodiscard]] static bool is_disabled(std::string_view kind);
  /// True when the client's disabled timers have this decorator's short name, or `*`.
  [[nodiscard]] bool is_timer_disabled(const Client& client) const;

  /// Returns what was decided; nothing before the first decision.
  [[nodiscard]] std::optional<bool> decision() const {
    // relaxed: a decision never changes, and client() has its own acquire
    const std::uint8_t decided = decision_.load(Order::kRelaxed);
    return decided == kNone ? std::nullopt : std::optional(decided == kOn);
  }
  /// Decides for good, unless another thread has; returns what holds.
  bool decide(bool measures);

  [[nodiscard]] const DecoratorName& name() const { return name_; }
  [[nodiscard]] const CallOptions& call_options() const { return call_options_.options(); }
  /// Returns the count of DecoratorOptions.
  [[nodiscard]] const FieldValue& count() const { return count_; }

 private:
  enum Decision : std::uint8_t { kNone, kOn, kOff };

  Client* look_up();
  Client* find_client() const;

  const DecoratorName name_;
  const OwnedCallOptions call_options_;
  OwnedValues owned_values_;  // owns what count_ refers to
  const FieldValue count_;
  Client* const given_client_;  // or null
  const std::string client_name_;

  ReentrantMutex deciding_;
  std::uint64_t closed_calls_ = 0;        // consecutive calls with a closed client; under the mutex
  PlainAtomic<std::uint8_t> decision_{};  // a Decision
  PlainAtomic<Client*> client_;
};

}  // namespace metlog
