#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "metlog/internal/engine/engine_state.h"

namespace metlog {

/// The move of an open client to another destination and other options.
struct Engine::State::ClientMove {
  State& state;
  const std::uint32_t slot;

  /// `publish` stores what the calls read. The old destination is stopped within `limit`; one of
  /// the same URL sends nothing before that. kDeadlineExceeded, and nothing is changed, when the
  /// flusher's round takes longer than `limit`. What the old destination has not ended then, the
  /// flusher's thread ends later.
  absl::Status to(OpenSlot open, std::unique_ptr<Destination> destination,
                  std::chrono::nanoseconds limit, const std::function<void()>& publish) const;
};

}  // namespace metlog
