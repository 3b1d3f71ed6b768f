#pragma once

#include <chrono>

namespace metlog {

/// How long a sender waits for a destination that takes nothing. Once that time is over the
/// hold stays over, so that one dead destination costs one wait and not one for each batch,
/// until rearm() says that the destination works again.
class RetryDeadline {
 public:
  explicit RetryDeadline(std::chrono::milliseconds limit) : limit_(limit) {}

  /// True while waiting is right; the first call since rearm() starts the clock.
  [[nodiscard]] bool lasts() {
    const auto now = std::chrono::steady_clock::now();
    if (!running_) {
      running_ = true;
      until_ = now + limit_;
    }
    return now < until_;
  }

  void rearm() { running_ = false; }

 private:
  std::chrono::milliseconds limit_;
  std::chrono::steady_clock::time_point until_;
  bool running_ = false;
};

}  // namespace metlog
