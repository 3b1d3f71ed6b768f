#pragma once

#include <chrono>
#include <mutex>

#include "metlog/internal/base/timed_lock.h"

namespace metlog {

/// A mutex that serves waiting threads first: a thread that unlocks it and locks it again at once
/// does not overtake a thread that waits. The waiting thread holds the gate and is next.
class FairMutex {
 public:
  void lock() {
    const std::lock_guard at_the_gate(gate_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  /// False when the deadline comes first.
  bool try_lock_until(std::chrono::steady_clock::time_point deadline) {
    if (!metlog::try_lock_until(gate_, deadline)) return false;
    const std::lock_guard at_the_gate(gate_, std::adopt_lock);
    return metlog::try_lock_until(mutex_, deadline);
  }

 private:
  std::mutex gate_;  // held only while waiting for mutex_
  std::mutex mutex_;
};

}  // namespace metlog
