#include "metlog/emit/flusher_bell.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace metlog {
namespace {

std::atomic<std::uint32_t> g_bell{0};  // 1: rung, and the flusher has not yet noticed

}  // namespace

void ring_flusher_bell() {
  // release: pairs with the acquire in wait_for_flusher_bell()
  if (g_bell.exchange(1, std::memory_order_release) == 0) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&g_bell), FUTEX_WAKE_PRIVATE, 1, nullptr,
            nullptr, 0);
  }
}

void wait_for_flusher_bell(std::chrono::nanoseconds limit) {
  // acquire: pairs with the release in ring_flusher_bell()
  if (g_bell.exchange(0, std::memory_order_acquire) == 1) return;
  const timespec timeout{static_cast<time_t>(limit.count() / 1'000'000'000),
                         static_cast<long>(limit.count() % 1'000'000'000)};
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&g_bell), FUTEX_WAIT_PRIVATE, 0, &timeout,
          nullptr, 0);
}

}  // namespace metlog
