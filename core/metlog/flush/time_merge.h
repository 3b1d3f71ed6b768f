#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "metlog/emit/ring_set.h"

namespace metlog {

/// Walks the next records of several rings in the order of their time stamps, for one round. Used
/// by the flusher's thread.
class TimeMerge {
 public:
  /// The next record of a ring.
  struct Head {
    LiveRing* ring;
    std::uint64_t word;  // see base/cell.h
    std::uint64_t stamp;
  };

  /// Begins a round over these rings; records stamped later than `until_stamp` wait for the next.
  void begin(const std::vector<LiveRing*>& rings, std::uint64_t until_stamp);
  /// The oldest record at hand; null when the round is over. Valid until took() or leave().
  [[nodiscard]] const Head* oldest();
  /// The oldest record was taken, and its ring's reader advanced over it.
  void took();
  /// The oldest record's ring is left alone for the rest of the round.
  void leave();

 private:
  bool look_at(LiveRing& ring, Head& head) const;

  std::vector<Head> heads_;
  std::size_t oldest_ = 0;
  std::uint64_t until_stamp_ = 0;
};

}  // namespace metlog
