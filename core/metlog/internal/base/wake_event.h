#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace metlog {

/// Wakes one thread that has nothing to do. A bell that was rung while nobody waited ends the next
/// wait at once; rung twice is rung once. Safe in a child after fork().
class Bell {
 public:
  /// Any thread. A system call only when it was not rung already.
  void ring();
  /// Until it rings, at most for `limit`, and for no reason at times. One thread.
  void wait(std::chrono::nanoseconds limit);

 private:
  std::atomic<std::uint32_t> rung_{0};  // 1: rung, and the waiting thread has not yet noticed
};

}  // namespace metlog
