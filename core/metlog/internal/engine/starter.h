#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "metlog/internal/base/reentrant_mutex.h"

namespace metlog {

/// Starts something that may fail, until it has worked once. Any thread, which waits half a second
/// at most for another one's attempt: that one may wait for it.
class Starter {
 public:
  /// `attempt` is called by one thread at a time.
  explicit Starter(std::function<absl::Status()> attempt) : attempt_(std::move(attempt)) {}

  /// (1) acquire: pairs with the release (2) in start_alone(); what the attempt stored is seen
  [[nodiscard]] bool has_started() const { return has_started_.load(std::memory_order_acquire); }
  /// Makes an attempt, unless one has worked, and returns its error. kFailedPrecondition inside an
  /// attempt, kDeadlineExceeded while another thread is inside one.
  absl::Status start();
  /// The same for a forked child's calls, which come often: after a failure nothing is tried for a
  /// second. Says the first failure on standard error. True once an attempt has worked.
  bool start_seldom();

 private:
  absl::Status start_alone();

  const std::function<absl::Status()> attempt_;
  ReentrantMutex mutex_;
  std::atomic<bool> has_started_{false};
  std::atomic<std::int64_t> next_ns_{0};  // steady clock; 0 before the first failure
};

}  // namespace metlog
