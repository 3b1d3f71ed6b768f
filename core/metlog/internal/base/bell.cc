#include "metlog/internal/base/wake_event.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace metlog {

void Bell::ring() {
  // release: pairs with the acquire in wait()
  if (rung_.exchange(1, std::memory_order_release) == 0) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&rung_), FUTEX_WAKE_PRIVATE, 1, nullptr,
            nullptr, 0);
  }
}

void Bell::wait(std::chrono::nanoseconds limit) {
  // acquire: pairs with the release in ring()
  if (rung_.exchange(0, std::memory_order_acquire) == 1) return;
  const timespec timeout{static_cast<time_t>(limit.count() / 1'000'000'000),
                         static_cast<long>(limit.count() % 1'000'000'000)};
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&rung_), FUTEX_WAIT_PRIVATE, 0, &timeout,
          nullptr, 0);
}

}  // namespace metlog
