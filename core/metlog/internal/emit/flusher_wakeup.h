#pragma once

#include <chrono>

#include "metlog/internal/base/idle_strategy.h"

namespace metlog {

/// Ends the flusher's sleep early. For the cold path of clients that wait when their ring is full,
/// and for flush() and close(): a call that has room never rings. Any thread.
void wake_flusher();

/// Sleeps until the bell rings or the time is over. A bell rung since the last sleep counts. The
/// flusher's.
void wait_for_flusher_wakeup(std::chrono::nanoseconds limit);

/// While one lives, its thread does the flusher's work, and the user's filters and formatters run
/// in it. A call that they make must not wait for room in a ring, which nobody but this thread can
/// make: WhenFull::kBlock drops and counts there.
class FlusherThread {
 public:
  FlusherThread() { t_depth_ = t_depth_ + 1; }
  ~FlusherThread() { t_depth_ = t_depth_ - 1; }
  FlusherThread(const FlusherThread&) = delete;
  FlusherThread& operator=(const FlusherThread&) = delete;

  /// Whether the calling thread is inside of one.
  static bool is_here() { return t_depth_ > 0; }

 private:
  static constinit thread_local int t_depth_;
};

/// Sleeps for a time when there was nothing to do, or until the bell rings. The flusher's default.
class PollInterval final : public IdleStrategy {
 public:
  explicit PollInterval(std::chrono::nanoseconds interval) : interval_(interval) {}
  void idle(bool worked) override {
    if (!worked) wait_for_flusher_wakeup(interval_);
  }

 private:
  const std::chrono::nanoseconds interval_;
};

}  // namespace metlog
