#pragma once

#include <cstdint>
#include <vector>

namespace metlog {

/// A defect of the callers of a ring, seeded to see it found.
enum class CallerFault {
  kNone,
  kPublishesBeforeItFills,     // the writer's thread
  kAnnouncesBeforeItIsSealed,  // a record's first head goes before its other cells' heads
  kReleasesBeforeItReads,      // the reader's thread, as the next
  kDrainsBeforeItPassesOn,
};

/// The programs of the two threads of a modelled ring.
struct RingPlan {
  unsigned cells_log2 = 2;  // 1 or 2
  std::uint64_t start_pos = 0;
  std::vector<std::uint64_t> records;  // their lengths in cells
  bool takes_hot_cells = false;        // records of several cells take the hot path when it is open
  int tries = 1;                       // for room, before a record is dropped
  bool ends_with_last = false;         // the writer ends with a record in the reserved cell
  int polls = 6;                       // of the reader, with or without a record
  bool wakes = false;                  // the writer's hot path ends at each quarter
  std::uint64_t ready_cells = 0;       // cells that have memory when the ring is new; 0 for all
  bool is_refused = false;             // those are all that the file ever has
  bool has_handlers = false;           // a handler logs inside each record, and after each call
  CallerFault fault = CallerFault::kNone;

  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2; }
};

/// The place of a ring in the model's memory: cell i's head is word i, its arguments plain word i.
inline constexpr int kReadPosWord = 4;
inline constexpr int kDrainedPosWord = 5;
inline constexpr int kFreedWord = 6;

/// Records of handlers are numbered from here on.
inline constexpr std::uint64_t kFirstHandler = 50;

/// The arguments of a record's i-th cell: no two cells of a plan have the same.
constexpr std::uint64_t plan_args(std::uint64_t number, std::uint64_t i) {
  return 1000 + number * 10 + i;
}

}  // namespace metlog
