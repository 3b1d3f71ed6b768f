#pragma once

#include <array>
#include <cstdint>

namespace metlog {

/// Whose messages a lane carries, as batched frames name it: with the sequence that the lane gives
/// each message, a reader sees which are missing. docs/wire.md has its place in the frame.
struct StreamId {
  std::array<std::uint8_t, 16> session{};  // of the process; a forked child has its own
  std::uint32_t lane = 0;                  // unique within the session

  friend bool operator==(const StreamId&, const StreamId&) = default;
};

}  // namespace metlog
