#pragma once

#include <chrono>

namespace metlog {

/// Limits how long a sender waits for a destination that takes nothing. Once expired it stays
/// expired, so that a dead destination costs one wait and not one for each batch, until rearm()
/// is called because the destination works again.
class RetryDeadline {
 public:
  explicit RetryDeadline(std::chrono::milliseconds limit) : limit_(limit) {}

  /// True until the limit expires; the first call after rearm() starts the timer.
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
