#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/timeline.h"

namespace metlog {

/// Walks the next records of several rings in the order of their time stamps, for one round. A
/// record without a stamp gets the time at which it is found; that time is read once for
/// kUnstampedPerRead records. Used by one thread at a time.
class TimeMerge {
 public:
  /// The next record of a ring.
  struct Entry {
    LiveRing* ring;
    const Cell* cell;       // the record's first one
    std::uint64_t word;     // its header, see internal/ring/cell.h
    std::uint64_t stamp;    // its own, or the time at which it was found
    std::uint64_t end_pos;  // unstamped records from this position on wait for the next round
  };

  /// Begins a round over these rings. Records stamped later than `until_stamp` wait for the next
  /// round, and unstamped ones once as much as the ring holds has been taken from it.
  void begin(const std::vector<LiveRing*>& rings, std::uint64_t until_stamp);
  /// Returns the oldest record; null when the round is over. Valid until took() or leave().
  [[nodiscard]] const Entry* oldest() {
    oldest_ = 0;
    if (entries_.size() == 1) return entries_.data();
    return entries_.empty() ? nullptr : oldest_of_many();
  }
  /// Continues after the oldest record was taken and its ring's reader advanced past it.
  void took() {
    if (!read(entries_[oldest_])) leave();
  }
  /// Leaves out the oldest record's ring for the rest of the round.
  void leave();

 private:
  static constexpr unsigned kUnstampedPerRead = 32;
  // Some 20 s of a processor's counter, 68 s of nanoseconds.
  static constexpr std::uint64_t kFarTicks = std::uint64_t{1} << 36;

  /// Reads the ring's next record; false when there is none for this round.
  bool read(Entry& entry) {
    const RingReader& reader = entry.ring->reader;
    entry.cell = &reader.cell(0);
    entry.word = reader.peek();
    if (entry.word == 0) return false;
    entry.stamp = entry.cell->stamp;
    if (entry.stamp == kNoStamp) [[unlikely]]
      return find_unstamped(entry);
    // Signed: a record stamped just before the counter wraps is still the older one.
    if (static_cast<std::int64_t>(until_stamp_ - entry.stamp) >= 0) [[likely]]
      return true;
    // No call can be that far in the future: the stamp is damaged, and its ring would wait for
    // ever.
    if (entry.stamp - until_stamp_ < kFarTicks) return false;
    entry.stamp = until_stamp_;
    return true;
  }
  /// Gives a record without a stamp one; false when it waits for the next round.
  bool find_unstamped(Entry& entry);
  std::uint64_t time_found();
  const Entry* oldest_of_many();

  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;
  std::uint64_t until_stamp_ = 0;
  std::uint64_t found_stamp_ = 0;  // the time, as last read
  unsigned unstamped_ = 0;         // since then
};

/// Returns the UTC time of a ring's next record. Times decrease within a thread only where the
/// clock jumps back; but a record that was kept in a RecordHistory has its earlier time.
inline std::int64_t utc_ns_of(const TimeMerge::Entry& found, const Timeline& time) {
  // More than the counters of two processors can differ by.
  constexpr std::int64_t kSkewNs = 10'000;
  LiveRing& ring = *found.ring;
  const std::int64_t own_ns = time.utc_ns(found.stamp);
  const ClockLine& line = time.line();
  // Signed, as the counter may wrap; most records are younger than the one before.
  const bool is_older = static_cast<std::int64_t>(found.stamp - ring.last_stamp) < 0;
  if (is_older && ring.last_stamp != 0 &&
      line.utc_ns(found.stamp) + kSkewNs < line.utc_ns(ring.last_stamp)) {
    return own_ns;
  }
  const std::uint32_t jumps = time.jumps_before(found.stamp);
  const std::int64_t utc_ns =
      jumps == ring.jumps_before ? std::max(ring.last_utc_ns, own_ns) : own_ns;
  // The time at which an unstamped record was found says nothing about stamped ones.
  if (found.cell->stamp != kNoStamp) {
    ring.last_utc_ns = utc_ns;
    ring.jumps_before = jumps;
    ring.last_stamp = found.stamp;
  }
  return utc_ns;
}

}  // namespace metlog
