#pragma once

#include <chrono>
#include <mutex>
#include <thread>

namespace metlog {

/// Locks the mutex; false when the deadline comes first. Tries again and again: ThreadSanitizer
/// does not see the locks of std::timed_mutex.
inline bool try_lock_until(std::mutex& mutex, std::chrono::steady_clock::time_point deadline) {
  while (!mutex.try_lock()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return true;
}

}  // namespace metlog
