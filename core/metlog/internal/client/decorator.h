#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "metlog/client.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/client/owned_values.h"
#include "metlog/internal/python/decorator_name.h"

namespace metlog {

/// Where decorators ask at their first call: default_client.h, unless replaced.
struct DecoratorSource {
  /// Null while there is none.
  Client* (*default_client)();
  Client* (*client_named)(std::string_view name);
  /// Whether "timeit" or "incr_count" is in the global configuration's disabled_decorators.
  bool (*is_decorator_disabled)(std::string_view kind);
  bool (*is_timer_disabled)(const Client& client, std::string_view name);
};

/// Replaces the functions of the process; returns what was there. Any thread.
DecoratorSource set_decorator_source(const DecoratorSource& source);

/// Calls of wrapped functions that were not measured because there was no client, or only a closed
/// one, in all.
std::uint64_t unmeasured_calls();

/// What a decorator's messages carry, and whose they are. All of it is copied but the client.
struct DecoratorOptions {
  FieldValue count = 1;  ///< of incr_count()
  std::string_view logger = CallOptions::kNotGiven;
  int severity = CallOptions::kSeverityNotGiven;
  FieldList fields = {};
  double rate = 1.0;
  /// Neither of both: the default client at the first call, remembered until it is closed.
  Client* client = nullptr;
  std::string_view client_name = {};
};

/// What stands behind a wrapped function; its copies share it. Everything is decided at the first
/// call: for good, whether it measures; until that is closed, for which client. Any thread.
class Decorator {
 public:
  Decorator(DecoratorName name, const DecoratorOptions& options);
  Decorator(const Decorator&) = delete;
  Decorator& operator=(const Decorator&) = delete;

  /// timeit(): the client that times this call; null when none does.
  Client* timing_client();
  /// incr_count(): whether this call is counted, asked before it; and the counting, after it.
  bool counts();
  void count();

  [[nodiscard]] const DecoratorName& name() const { return name_; }
  [[nodiscard]] const CallOptions& call_options() const { return call_options_.options(); }

 private:
  Client* client();
  Client* look_up();
  Client* find_client() const;

  const DecoratorName name_;
  const OwnedCallOptions call_options_;
  OwnedValues owned_values_;  // what count_ refers to
  const FieldValue count_;
  Client* const given_client_;  // or null
  const std::string client_name_;

  std::mutex deciding_;
  std::uint64_t closed_calls_ = 0;        // in a row, to a closed client; under the mutex
  PlainAtomic<std::uint8_t> decision_{};  // a Decision, decorator.cc
  PlainAtomic<Client*> client_;
};

}  // namespace metlog
