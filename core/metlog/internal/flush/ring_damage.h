#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_reader.h"

namespace metlog {

/// What the flusher does when something has written over a ring, such as a wild pointer of the
/// program: it looks for the next whole record, cell by cell, steps over what is before it, and
/// says so on standard error. The writer is not touched; it writes on where it was. Used by the
/// flusher's thread. docs/ring.md lists which damage is found.
///
/// How many records a damaged cell was, and of which client, nobody knows. But each thread counts
/// its calls outside of the ring: LossReporter counts what is missing as LossReason::kDamaged.
class RingDamage {
 public:
  /// False when the writer cannot have written the record at the reader.
  static bool is_plausible(const LiveRing& ring, const RecordHeader& head) {
    if (head.cells == 1 && head.client < kClientSlots) [[likely]]
      return true;
    return is_whole(ring, 0, head);
  }
  /// For a record at the reader that is not: returns how many cells to step over, to the next whole
  /// record or to where the writer is. False when that is not known yet.
  bool find_next(const LiveRing& ring, std::uint64_t& cells);
  /// Looks whether a ring that seems empty is not: its reader waits at a damaged cell. Then steps
  /// over it and returns true. Without `is_due` it looks only at the ring, and asks the writer when
  /// that is odd: when the tag of the reader's cell is neither this lap's nor the last one's, or
  /// when a quarter of the ring behind it is written.
  bool free_if_stuck(LiveRing& ring, bool is_due);
  /// True once a second, and once after ask_for_look(): looks are due.
  bool is_look_due();
  /// Any thread.
  void ask_for_look() { is_asked_.store(true, std::memory_order_relaxed); }  // relaxed: a switch

  /// False when every call that RingSet::emitted() has counted before is over: its record is
  /// visible, or its loss is counted. Waits some microseconds for calls that are being made.
  static bool is_in_call(const std::vector<LiveRing*>& rings);
  /// Says that `cells` cells at the reader cannot be delivered.
  void say(const LiveRing& ring, std::uint64_t cells);
  [[nodiscard]] bool was_found() const { return was_found_; }

 private:
  static bool is_whole(const LiveRing& ring, std::uint64_t ahead, const RecordHeader& head);
  /// Returns how many cells ahead the next whole record is, before `end`; `end` for none.
  static std::uint64_t find_record(const LiveRing& ring, std::uint64_t end);
  /// Returns how many cells the writer is ahead of the reader; 0 when that is not known.
  static std::uint64_t written_ahead(const LiveRing& ring);

  bool was_found_ = false;
  std::atomic<bool> is_asked_{false};
  std::chrono::steady_clock::time_point looked_at_{};
};

}  // namespace metlog
