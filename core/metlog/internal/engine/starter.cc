#include "metlog/internal/engine/starter.h"

#include <chrono>
#include <mutex>
#include <string>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/emit/flusher_wakeup.h"

namespace metlog {
namespace {

constexpr std::int64_t kIntervalNs = 1'000'000'000;
// More than an attempt takes, which starts threads and waits for the flusher's mutex. It may be
// somebody's who waits for this thread.
constexpr std::chrono::milliseconds kPatience{500};

std::chrono::steady_clock::time_point patience_ends() {
  return std::chrono::steady_clock::now() + kPatience;
}

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

absl::Status Starter::start_alone() {
  if (has_started_.load(std::memory_order_relaxed)) return absl::OkStatus();  // relaxed: the mutex
  absl::Status status = attempt_();
  // (2) release: pairs with the acquire (1) in has_started()
  if (status.ok()) has_started_.store(true, std::memory_order_release);
  return status;
}

absl::Status Starter::start() {
  if (has_started()) return absl::OkStatus();
  if (mutex_.is_mine()) {
    return absl::FailedPreconditionError("metlog is starting its threads; call it later");
  }
  if (!mutex_.try_lock_until(patience_ends())) {
    return absl::DeadlineExceededError(
        "another thread has not ended its attempt to start metlog's threads; call it later");
  }
  const std::lock_guard lock(mutex_, std::adopt_lock);
  return start_alone();
}

bool Starter::start_seldom() {
  if (has_started()) return true;
  // An attempt needs the flusher's mutex, which such a thread holds.
  if (FlusherThread::is_here() || mutex_.is_mine()) return false;
  // relaxed, all: a time, stored under the mutex
  if (steady_ns() < next_ns_.load(std::memory_order_relaxed)) return false;
  if (!mutex_.try_lock_until(patience_ends())) return false;
  const std::lock_guard lock(mutex_, std::adopt_lock);
  const std::int64_t next = next_ns_.load(std::memory_order_relaxed);
  // Another thread may have tried meanwhile.
  if (!has_started() && steady_ns() < next) return false;
  const absl::Status status = start_alone();
  if (status.ok()) return true;
  next_ns_.store(steady_ns() + kIntervalNs, std::memory_order_relaxed);
  if (next == 0) {
    diagnose(
        "after fork() messages are lost, and counted as forked: %s; metlog tries again at a call, "
        "at most once a second, and at the next open()",
        std::string(status.message()).c_str());
  }
  return false;
}

}  // namespace metlog
