#pragma once

#include <chrono>
#include <mutex>

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
    const std::unique_lock at_the_gate(gate_, deadline);
    return at_the_gate.owns_lock() && mutex_.try_lock_until(deadline);
  }

 private:
  std::timed_mutex gate_;  // held only while waiting for mutex_
  std::timed_mutex mutex_;
};

}  // namespace metlog
