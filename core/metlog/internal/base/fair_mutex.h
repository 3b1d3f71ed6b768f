#pragma once

#include <chrono>
#include <mutex>
#include <thread>

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
  /// False when the deadline comes first. Tries again and again: ThreadSanitizer does not see the
  /// locks of std::timed_mutex.
  bool try_lock_until(std::chrono::steady_clock::time_point deadline) {
    if (!try_until(gate_, deadline)) return false;
    const std::lock_guard at_the_gate(gate_, std::adopt_lock);
    return try_until(mutex_, deadline);
  }

 private:
  static bool try_until(std::mutex& mutex, std::chrono::steady_clock::time_point deadline) {
    while (!mutex.try_lock()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return true;
  }

  std::mutex gate_;  // held only while waiting for mutex_
  std::mutex mutex_;
};

}  // namespace metlog
