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
/// signals that come before the thread has noticed count as one. Works in a child after fork().
class WakeEvent {
 public:
  /// Any thread. Makes a system call only when the thread waits: several signals while it works
  /// cost none, and the first of several while it wakes up costs one.
  void signal();
  /// Returns after a signal, after `limit`, and sometimes for no reason. One thread.
  void wait(std::chrono::nanoseconds limit);

 private:
  static constexpr std::uint32_t kQuiet = 0;
  static constexpr std::uint32_t kSignaled = 1;
  static constexpr std::uint32_t kWaiting = 2;  // a child after fork() may begin with it

  std::atomic<std::uint32_t> state_{kQuiet};
};

inline void WakeEvent::signal() {
  // release: pairs with the acquires in wait()
  if (state_.exchange(kSignaled, std::memory_order_release) == kWaiting) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&state_), FUTEX_WAKE_PRIVATE, 1, nullptr,
            nullptr, 0);
  }
}

inline void WakeEvent::wait(std::chrono::nanoseconds limit) {
  // acquire: pairs with the release in signal()
  if (state_.exchange(kWaiting, std::memory_order_acquire) != kSignaled) {
    const timespec timeout{static_cast<time_t>(limit.count() / 1'000'000'000),
                           static_cast<long>(limit.count() % 1'000'000'000)};
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&state_), FUTEX_WAIT_PRIVATE, kWaiting,
            &timeout, nullptr, 0);
  }
  // acquire: as above. A signal that has come by now is noticed by this wait.
  state_.exchange(kQuiet, std::memory_order_acquire);
}

}  // namespace metlog
