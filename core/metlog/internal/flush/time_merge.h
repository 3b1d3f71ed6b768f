#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/ring_set.h"

namespace metlog {

/// Walks the next records of several rings in the order of their time stamps, for one round. A
/// record without a stamp gets the time at which it is found, to within kUnstampedPerLook records.
/// Used by the flusher's thread.
class TimeMerge {
 public:
  /// The next record of a ring.
  struct Entry {
    LiveRing* ring;
    const Cell* cell;       // its first one
    std::uint64_t word;     // see internal/ring/cell.h
    std::uint64_t stamp;    // its own, or when it was found
    std::uint64_t end_pos;  // unstamped records from here on wait for the next round
  };

  /// Begins a round over these rings. Records stamped later than `until_stamp` wait for the next,
  /// and unstamped ones that come when as much as the ring holds has been taken from it.
  void begin(const std::vector<LiveRing*>& rings, std::uint64_t until_stamp);
  /// The oldest record at hand; null when the round is over. Valid until took() or leave().
  [[nodiscard]] const Entry* oldest() {
    oldest_ = 0;
    if (heads_.size() == 1) return heads_.data();
    return heads_.empty() ? nullptr : oldest_of_many();
  }
  /// The oldest record was taken, and its ring's reader advanced over it.
  void took() {
    if (!look_at(heads_[oldest_])) leave();
  }
  /// The oldest record's ring is left alone for the rest of the round.
  void leave();

 private:
  static constexpr unsigned kUnstampedPerLook = 32;

  /// Whether there is a next record for this round.
  bool look_at(Entry& head) {
    const RingReader& reader = head.ring->reader;
    head.cell = &reader.cell(0);
    head.word = reader.peek();
    if (head.word == 0) return false;
    head.stamp = head.cell->stamp;
    if (head.stamp == kNoStamp) [[unlikely]]
      return find_unstamped(head);
    // Signed: a record stamped just before the counter wraps is still the older one.
    return static_cast<std::int64_t>(until_stamp_ - head.stamp) >= 0;
  }
  /// The same of a record without a stamp.
  bool find_unstamped(Entry& head);
  std::uint64_t time_found();
  const Entry* oldest_of_many();

  std::vector<Entry> heads_;
  std::size_t oldest_ = 0;
  std::uint64_t until_stamp_ = 0;
  std::uint64_t found_stamp_ = 0;  // the clock, as last read
  unsigned unstamped_ = 0;         // since then
};

}  // namespace metlog
