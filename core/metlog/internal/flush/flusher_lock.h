#pragma once

#include <chrono>
#include <optional>

#include "metlog/internal/base/fair_mutex.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/flush/queue/queue_thread.h"

namespace metlog {

/// Holds the flusher's mutex and makes the calling thread a FlusherThread. Where that is one
/// already, it holds the mutex: then this locks nothing. So what a filter, a formatter or the
/// program's allocator calls under the mutex can read the flusher's state. Queues that are
/// announced meanwhile are so at its end: their threads wake once for a round of the flusher.
class FlusherLock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Waits for as long as it takes: for the flusher's thread only.
  explicit FlusherLock(FairMutex& mutex) : FlusherLock(mutex, TimePoint::max()) {}
  /// Gives up at the deadline: a filter in the current round may wait for the calling thread.
  FlusherLock(FairMutex& mutex, TimePoint deadline) : mutex_(&mutex) {
    if (FlusherThread::is_here()) return;  // late already, or the process exits
    is_locked_here_ =
        deadline == TimePoint::max() ? (mutex.lock(), true) : mutex.try_lock_until(deadline);
    is_held_ = is_locked_here_;
    if (!is_locked_here_) return;
    FlusherThread::stay();
    late_wakes_.emplace();
  }
  ~FlusherLock() {
    if (!is_locked_here_) return;
    late_wakes_.reset();
    FlusherThread::leave();
    mutex_->unlock();
  }
  FlusherLock(const FlusherLock&) = delete;
  FlusherLock& operator=(const FlusherLock&) = delete;

  /// False when the deadline came first.
  [[nodiscard]] bool is_held() const { return is_held_; }

 private:
  FairMutex* const mutex_;
  bool is_locked_here_ = false;
  bool is_held_ = true;
  std::optional<QueueThread::LateWakes> late_wakes_;
};

/// Unlocks a mutex that the calling thread holds, while it waits for threads that may want it.
class MutexLoan {
 public:
  /// Does nothing for null.
  explicit MutexLoan(FairMutex* mutex) : mutex_(mutex) {
    if (mutex_ != nullptr) mutex_->unlock();
  }
  ~MutexLoan() {
    if (mutex_ != nullptr) mutex_->lock();
  }
  MutexLoan(const MutexLoan&) = delete;
  MutexLoan& operator=(const MutexLoan&) = delete;

 private:
  FairMutex* const mutex_;
};

}  // namespace metlog
