#pragma once

#include <atomic>
#include <chrono>

#include "metlog/internal/base/wake_event.h"

namespace metlog {

inline constinit WakeEvent g_flusher_wake_event;

/// Whether a caller has woken the flusher since its last round began.
inline constinit std::atomic<bool> g_hand_over_wanted{false};

/// Ends the flusher's sleep early, and lets no batch linger after its next round. For the cold path
/// of clients that wait when their ring is full, and for flush() and close(). Any thread.
inline void wake_flusher() {
  // relaxed: the signal publishes it; a round that misses it is followed by another one at once
  g_hand_over_wanted.store(true, std::memory_order_relaxed);
  g_flusher_wake_event.signal();
}
/// True when wake_flusher() was called since the last call. Whoever steps the flusher.
inline bool take_hand_over_request() {
  // relaxed, both: see wake_flusher(); mostly false, and then not written
  return g_hand_over_wanted.load(std::memory_order_relaxed) &&
         g_hand_over_wanted.exchange(false, std::memory_order_relaxed);
}

/// Whether the flusher sleeps for so long that a ring could fill meanwhile. Both sides exchange it
/// after what they have stored, so the later of the two sees what the other one stored before:
///
///   caller:   publish a record, exchange(false)  -> was true: wake
///   flusher:  exchange(true), look at the rings  -> one fills: do not sleep
inline constinit std::atomic<bool> g_flusher_sleeps_long{false};

/// Wakes the flusher if it sleeps long: for the cold path of a call that has passed a quarter of
/// its ring, which must not wait that long. Makes a system call only then, and only the first of
/// several threads. Any thread.
inline void wake_long_sleep() {
  // acq_rel: pairs with the exchange in begin_long_sleep(), in whichever order the two come
  if (g_flusher_sleeps_long.exchange(false, std::memory_order_acq_rel)) wake_flusher();
}

/// Says that the flusher is about to sleep long; what calls stored before their wake_long_sleep()
/// did not find it is visible afterwards. Only the flusher's thread.
inline void begin_long_sleep() {
  // acq_rel: pairs with the exchange in wake_long_sleep()
  g_flusher_sleeps_long.exchange(true, std::memory_order_acq_rel);
}
inline void end_long_sleep() {
  // acq_rel: a plain store would hide an exchange(false) of a caller, which came before it, from
  // the next begin_long_sleep()
  g_flusher_sleeps_long.exchange(false, std::memory_order_acq_rel);
}

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

}  // namespace metlog
