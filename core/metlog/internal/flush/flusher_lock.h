#pragma once

#include "metlog/internal/base/fair_mutex.h"
#include "metlog/internal/emit/flusher_wakeup.h"

namespace metlog {

/// Holds the flusher's mutex and makes the calling thread a FlusherThread. Where that is one
/// already, it holds the mutex: then this locks nothing. So what a filter, a formatter or the
/// program's allocator calls under the mutex can read the flusher's state.
class FlusherLock {
 public:
  explicit FlusherLock(FairMutex& mutex) : mutex_(FlusherThread::is_here() ? nullptr : &mutex) {
    if (mutex_ != nullptr) mutex_->lock();
  }
  ~FlusherLock() {
    if (mutex_ != nullptr) mutex_->unlock();
  }
  FlusherLock(const FlusherLock&) = delete;
  FlusherLock& operator=(const FlusherLock&) = delete;

 private:
  FairMutex* const mutex_;    // null when the thread holds it already
  const FlusherThread here_;  // after mutex_, which depends on whether there was one before
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
