#pragma once

#include <chrono>

#include "metlog/internal/base/idle_strategy.h"
#include "metlog/internal/base/wake_event.h"

namespace metlog {

inline constinit WakeEvent g_flusher_wake_event;

/// Ends the flusher's sleep early. For the cold path of clients that wait when their ring is full,
/// and for flush() and close(); a call that has room never wakes it. Any thread.
inline void wake_flusher() { g_flusher_wake_event.signal(); }

/// Sleeps until wake_flusher() is called or `limit` is over. A call since the last sleep counts.
/// Only the flusher's thread.
inline void wait_for_flusher_wakeup(std::chrono::nanoseconds limit) {
  g_flusher_wake_event.wait(limit);
}

/// While one lives, its thread does the flusher's work and runs the user's filters and formatters.
/// A call that they make must not wait for room in a ring, because only this thread can make room:
/// WhenFull::kBlock drops and counts there.
class FlusherThread {
 public:
  FlusherThread() { t_depth = t_depth + 1; }
  ~FlusherThread() { t_depth = t_depth - 1; }
  FlusherThread(const FlusherThread&) = delete;
  FlusherThread& operator=(const FlusherThread&) = delete;

  /// Makes the calling thread one until leave().
  static void stay() { t_depth = t_depth + 1; }
  static void leave() { t_depth = t_depth - 1; }
  /// True when one lives on the calling thread.
  static bool is_here() { return t_depth > 0; }

 private:
  static inline constinit thread_local int t_depth = 0;
};

/// Sleeps for an interval, or until wake_flusher(), when there was nothing to do. The flusher's
/// default.
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
