#pragma once

#include <cstdint>

namespace metlog {

/// The identity of a record within its session, for the recovery of a process that died: the ring
/// in which it was written, and its position there, which counts cells for ever. Of two records of
/// one ring the later one has the larger position.
struct RecordId {
  static constexpr std::uint32_t kNoRing = UINT32_MAX;

  std::uint64_t pos = 0;
  std::uint32_t ring = kNoRing;  // RingHeader::index; kNoRing for what no ring held

  friend bool operator==(const RecordId&, const RecordId&) = default;
};

}  // namespace metlog
