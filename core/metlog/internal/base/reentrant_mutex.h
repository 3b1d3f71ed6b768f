#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>

#include "metlog/internal/base/timed_lock.h"

namespace metlog {

/// A mutex that its owner may lock again. For data under which the program's allocator may run and
/// call us: what it guards must not be half changed where memory is allocated or freed.
///
/// std::recursive_mutex knows its owner by a thread id, which a forked child does not have: there
/// it could not be unlocked.
class ReentrantMutex {
 public:
  constexpr ReentrantMutex() = default;

  void lock() {
    if (!is_mine()) {
      mutex_.lock();
      owner_.store(self(), std::memory_order_relaxed);  // relaxed: see is_mine()
    }
    ++depth_;
  }
  /// False when the deadline comes first.
  bool try_lock_until(std::chrono::steady_clock::time_point deadline) {
    if (!is_mine()) {
      if (!metlog::try_lock_until(mutex_, deadline)) return false;
      owner_.store(self(), std::memory_order_relaxed);  // relaxed: see is_mine()
    }
    ++depth_;
    return true;
  }
  void unlock() {
    if (--depth_ != 0) return;
    owner_.store(nullptr, std::memory_order_relaxed);  // relaxed: see is_mine()
    mutex_.unlock();
  }
  /// True when the calling thread holds it.
  [[nodiscard]] bool is_mine() const {
    // relaxed: only this thread ever stores its own mark
    return owner_.load(std::memory_order_relaxed) == self();
  }

 private:
  // An address of the thread's own that is the same in a forked child. No variable of ours: g++
  // would make it a unique symbol in the user's library, see SiteOf.
  static const void* self() { return &errno; }

  std::mutex mutex_;
  std::atomic<const void*> owner_{nullptr};
  unsigned depth_ = 0;  // guarded by the mutex
};

}  // namespace metlog
