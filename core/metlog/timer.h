#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metlog/client.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

/// A running timer, see Client::timer(). Used by one thread.
class Timer {
 public:
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() {
    if (client_ != nullptr) stop();
  }

  /// Sends now; the destructor then does nothing. Returns the time in whole milliseconds, rounded;
  /// 0 when this call is not sampled or the timer was stopped before.
  std::int64_t stop();
  /// The result of the first stop(). Empty before, and always when the client blocks the timer or
  /// this call is not sampled.
  [[nodiscard]] std::optional<std::int64_t> result() const { return result_; }

 private:
  friend class Client;

  /// What a timer that will be sent keeps.
  struct Started {
    std::string name;
    std::string logger;
    std::string fields;  // encoded
    bool fields_fit;
    CallOptions options;
    std::uint64_t ticks;
  };

  Timer(Client* client, std::string_view name, const CallOptions& options) : client_(client) {
    if (client_ != nullptr) start(name, options);
  }
  void start(std::string_view name, const CallOptions& options);

  Client* client_;  // null once sent, or when this call is not sampled
  std::optional<std::int64_t> result_;
  std::optional<Started> started_;  // empty when client_ was null from the beginning
};

inline Timer Client::timer(std::string_view name, const CallOptions& options) {
  constexpr std::uint32_t kNameBits = gate::kAnyNumber | gate::kSomeNames;
  // relaxed: a switch; see SiteGate::admits()
  const bool is_off =
      blocks(SiteKind::kTimer, options) ||
      (gate_.blocked.load(Order::kRelaxed) & gate::kTimesItself) != 0 ||
      (((gate_.blocked.load(Order::kRelaxed) & kNameBits) != 0 || !(options.rate >= 1.0)) &&
       !begins_timer(name, options.rate));
  return {is_off ? nullptr : this, name, options};
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
