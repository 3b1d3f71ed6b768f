#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace metlog {

/// Wakes one waiting thread. A signal while the thread does not wait ends its next wait at once;
/// two signals count as one. Works in a child after fork().
class WakeEvent {
 public:
  /// Any thread. Makes a system call only when the event was not signaled already.
  void signal();
  /// Returns after a signal, after `limit`, and sometimes for no reason. One thread.
  void wait(std::chrono::nanoseconds limit);

 private:
  std::atomic<std::uint32_t> signaled_{
      0};  // 1: signaled, and the waiting thread has not yet noticed
};

inline void WakeEvent::signal() {
  // release: pairs with the acquire in wait()
  if (signaled_.exchange(1, std::memory_order_release) == 0) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&signaled_), FUTEX_WAKE_PRIVATE, 1, nullptr,
            nullptr, 0);
  }
}

inline void WakeEvent::wait(std::chrono::nanoseconds limit) {
  // acquire: pairs with the release in signal()
  if (signaled_.exchange(0, std::memory_order_acquire) == 1) return;
  const timespec timeout{static_cast<time_t>(limit.count() / 1'000'000'000),
                         static_cast<long>(limit.count() % 1'000'000'000)};
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&signaled_), FUTEX_WAIT_PRIVATE, 0, &timeout,
          nullptr, 0);
}

}  // namespace metlog
