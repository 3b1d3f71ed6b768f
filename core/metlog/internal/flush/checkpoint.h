#pragma once

#include <cstdint>
#include <vector>

#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/destination.h"

namespace metlog {

/// Waits until everything that had been drained at one moment has left the process, and then says
/// so in the rings' done_pos, where the recovery of a killed process starts. One at a time. Used
/// by the flusher's thread.
class Checkpoint {
 public:
  [[nodiscard]] bool is_pending() const { return is_pending_; }

  /// Notes how far the rings are drained and what the lanes have been offered.
  template <class Destinations>
  void begin(const std::vector<LiveRing*>& rings, const Destinations& destinations) {
    is_pending_ = true;
    rings_.clear();
    lanes_.clear();
    for (LiveRing* const ring : rings) rings_.push_back({ring, ring->reader.pos()});
    for (const auto& destination : destinations) {
      if (destination == nullptr) continue;
      for (std::size_t i = 0; i < destination->lane_count(); ++i) {
        const SendQueue& lane = destination->lane(i);
        lanes_.push_back({&lane, lane.offered_number()});
      }
    }
  }
  /// Whether all of it has left; then stores done_pos and ends.
  bool try_complete() {
    for (const LaneMark& mark : lanes_) {
      if (mark.lane->done_number() < mark.number) return false;
    }
    for (const RingMark& mark : rings_) mark.ring->reader.set_done(mark.pos);
    is_pending_ = false;
    return true;
  }
  /// This ring or destination is going away.
  void forget(const LiveRing& ring) {
    std::erase_if(rings_, [&](const RingMark& mark) { return mark.ring == &ring; });
  }
  void forget(const Destination& gone) {
    for (std::size_t i = 0; i < gone.lane_count(); ++i) {
      std::erase_if(lanes_, [&](const LaneMark& mark) { return mark.lane == &gone.lane(i); });
    }
  }

 private:
  struct RingMark {
    LiveRing* ring;
    std::uint64_t pos;
  };
  struct LaneMark {
    const SendQueue* lane;
    std::uint64_t number;
  };

  std::vector<RingMark> rings_;
  std::vector<LaneMark> lanes_;
  bool is_pending_ = false;
};

}  // namespace metlog
