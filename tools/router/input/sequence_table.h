#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/frame_ledger.h"

namespace metlog {

/// Follows the numbers of batched frames by session and lane. A lane's first frame may have any
/// number: the router may have come later than the sender. Knows kMaxLanes at most and then
/// forgets the one that was silent for longest, so that no peer can fill our memory with invented
/// sessions; what is missing at a lane that was forgotten meanwhile goes unseen. Numbers are not
/// proven: who invents them can make `missing` anything (it stays at its largest value).
/// Used by one thread.
class SequenceTable {
 public:
  static constexpr std::size_t kMaxLanes = 4096;

  SequenceTable();
  ~SequenceTable();

  /// A frame that arrived undamaged.
  void note(const FrameHeader& frame);

  [[nodiscard]] const SequenceCounts& counts() const { return counts_; }
  /// The lanes with most missing messages, then with most late frames; those with neither are
  /// left out. `most` of them.
  [[nodiscard]] std::vector<SequenceLane> worst(std::size_t most) const;

 private:
  struct Lane;
  struct Lanes;  // a hash map, kept out of this header

  Lane& lane_of(const FrameHeader& frame);

  const std::unique_ptr<Lanes> lanes_;
  SequenceCounts counts_;
};

}  // namespace metlog
