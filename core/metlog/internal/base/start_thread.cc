#include "metlog/internal/base/start_thread.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <new>
#include <system_error>
#include <vector>

#include "metlog/internal/base/alternate_stack.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/signal_block.h"

namespace metlog {
namespace {

/// Returns once the system does not count the thread, which has been joined, any more. That is a
/// little later than the join; until then the next thread may be refused because of it.
void wait_until_gone(pid_t tid) {
  // The number may be another thread's by now.
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  while (syscall(SYS_tgkill, getpid(), tid, 0) == 0 && std::chrono::steady_clock::now() < limit) {
    sched_yield();
  }
}

/// As the kernel has it (sched_setattr(2)); the C library has no declaration.
struct SchedulingAttributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;  // of the usual policies: the slice, 0.1 to 100 ms
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};
static_assert(sizeof(SchedulingAttributes) == 48, "the first version of the structure");

}  // namespace

void ask_for_short_slice() {
  constexpr std::uint64_t kShortestNs = 100'000;
  SchedulingAttributes attributes{};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER && attributes.policy != SCHED_BATCH) return;
  attributes.size = sizeof attributes;
  attributes.runtime_ns = kShortestNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

absl::Status thread_refused(int error, const std::string& whose) {
  const absl::Status status = errno_status(
      error, "cannot start a thread (" + whose + ")",
      "raise the limit of processes (ulimit -u, pids.max of the control group) or free "
      "memory, and try again");
  return absl::ResourceExhaustedError(status.message());
}

absl::Status start_thread(std::thread& thread, const std::string& whose,
                          const std::function<void()>& body) {
  const AllSignalsBlock mask;
  try {
    thread = std::thread([body] {
      AllSignalsBlock::is_inherited();
      const AlternateStack stack;
      body();
    });
  } catch (const std::system_error& error) {
    return thread_refused(error.code().value(), whose);
  } catch (const std::bad_alloc&) {
    return thread_refused(ENOMEM, whose);
  }
  return absl::OkStatus();
}

absl::Status check_can_start_threads(std::size_t count, const std::string& whose) {
  std::atomic<bool> may_end{false};
  std::vector<std::thread> threads(count);
  std::vector<pid_t> tids(count, 0);
  absl::Status status;
  for (std::size_t i = 0; i < count && status.ok(); ++i) {
    status = start_thread(threads[i], whose, [&may_end, &tid = tids[i]] {
      tid = gettid();
      // All of them must live at the same time. relaxed: nothing is read after it
      may_end.wait(false, std::memory_order_relaxed);
    });
  }
  may_end.store(true, std::memory_order_relaxed);  // relaxed: as above
  may_end.notify_all();
  for (std::size_t i = 0; i < count; ++i) {
    if (!threads[i].joinable()) continue;
    threads[i].join();
    wait_until_gone(tids[i]);
  }
  return status;
}

}  // namespace metlog
