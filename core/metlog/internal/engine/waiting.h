#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>

#include "absl/status/status.h"

namespace metlog {

// Filters, formatters, senders, and the program's allocator run on threads that some functions have
// to wait for. These two are asked first, so that such a function is refused there and does not
// wait for ever. `function` is named in the error.

/// kFailedPrecondition inside a filter or formatter, and inside an allocation of the thread that
/// runs them: nothing can wait for a round of the flusher there.
absl::Status check_can_wait(std::string_view function);

/// kFailedPrecondition there and inside a sender: no queue's thread can be ended.
absl::Status check_can_close(std::string_view function);

/// Returns until when to wait for the flusher's mutex: a round that ends soon is worth waiting for,
/// even when the deadline is over.
inline std::chrono::steady_clock::time_point with_grace(
    std::chrono::steady_clock::time_point deadline) {
  return std::max(deadline, std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
}

}  // namespace metlog
