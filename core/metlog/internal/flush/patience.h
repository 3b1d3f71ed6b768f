#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace metlog {

/// Since when a destination has no room, and whether a client's other destinations may still wait
/// for it: long enough for a burst, and no more than a hundredth of the time in the end, so that
/// neither a dead nor a slow destination delays the others. Used by one thread at a time.
///
///   left   100 ms |\_        ______/ a hundredth of the time that passes
///                 |  \______/
///                   waits   loses
class Patience {
 public:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::optional<Clock::time_point> waiting_since() const { return since_; }
  /// True when a wait has used up what was left when it began.
  [[nodiscard]] bool is_over() const {
    return since_.has_value() && Clock::now() - *since_ >= left_;
  }
  /// Begins a wait, unless it has begun.
  void begin_wait() {
    if (since_.has_value()) return;
    since_ = Clock::now();
    left_ = std::min(kMost, left_ + (*since_ - at_) / 100);
  }
  /// Ends it, if it has begun.
  void end_wait() {
    if (!since_.has_value()) return;
    at_ = Clock::now();
    left_ -= std::min(left_, std::chrono::nanoseconds(at_ - *since_));
    since_.reset();
  }

 private:
  static constexpr std::chrono::nanoseconds kMost = std::chrono::milliseconds(100);

  std::optional<Clock::time_point> since_;
  std::chrono::nanoseconds left_ = kMost;  // at `at_`, or at the beginning of the wait
  Clock::time_point at_{};
};

}  // namespace metlog
