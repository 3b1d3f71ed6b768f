#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {

/// Asks for the cache line at this address, to write it; it need not be ours, for nothing is
/// touched. A processor without such an instruction does nothing.
inline void prefetch_for_write(const void* address) {
#if defined(__x86_64__)
  // Not the builtin: without -mprfchw that fetches the line to read, and the store asks once more.
  __asm__ volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1, 3);
#endif
}

/// Which part of a ring a record may use: the last eighth is kept for urgent ones, so that the
/// burst which explains an outage does not evict its cause.
enum class Priority : std::uint8_t { kNormal = 0, kHigh = 1 };

/// The writing end of a ring. Used by one thread: the ring's own. All state is private to it, so
/// an all-zero writer is a valid one without a ring, for which every reservation fails; that is
/// what a new thread and (by MADV_WIPEONFORK) a forked child find.
///
///        freed    read_pos      pos (next_)      usable_[kNormal]   usable_[kHigh]
///   ..free..|  records, unread  |  free, ordinary  |  free, urgent only  |kept|
///
/// The hot path asks the reader's `freed`, which it stores so seldom that its line stays with the
/// writer: as long as the reader keeps up, no call of one cell leaves it. A full ring and a
/// close_fast_path() both look like too little room, and are settled by try_make_room(), which can
/// ask for the exact read_pos. docs/ring.md has the protocol and the invariants I1-I4 that are
/// cited here.
template <class CellT, class PositionsT, class FreedWord>
class BasicRingWriter {
 public:
  /// The longest record that takes the hot path; shorter than the largest of any ring.
  static constexpr std::uint64_t kHotCells = 32;

  /// One cell, which stays unpublished until publish_cell(); null when the cold path must decide.
  [[nodiscard]] CellT* try_reserve_cell(Priority priority) {
    CellT* const cell = next_;
    if (hot_used() >= usable_[static_cast<std::size_t>(priority)]) return nullptr;
    // Where there is room there is a ring; the caller's test for null is then this one.
    if (cell == nullptr) __builtin_unreachable();
    return cell;
  }

  /// Publishes the record that fills the reserved cell. `head` comes from pack_header().
  void publish_cell(CellT* cell, std::uint64_t head) {
    // release: pairs with peek(); I1: all arguments are stored before the head
    cell->head.store(head | lap(), Order::kRelease);
    step(cell, 1, head);
    prefetch_for_write(next_ + (kAheadCells - 1));
  }

  /// The same for a record of `cells` cells, from 1 to kHotCells; they lie one behind the other.
  /// Null also where the record would lie across the lap's end: the cold path does that.
  [[nodiscard]] CellT* try_reserve_cells(std::uint64_t cells, Priority priority) {
    CellT* const first = next_;
    const std::uint64_t used = hot_used() + cells * sizeof(CellT);
    if (used > usable_[static_cast<std::size_t>(priority)]) return nullptr;
    if (end_ - first < static_cast<std::ptrdiff_t>(cells)) return nullptr;
    if (first == nullptr) __builtin_unreachable();  // as in try_reserve_cell()
    return first;
  }

  /// The next cell, and how many from it on a record may take the hot path with; kHotCells at most.
  struct OpenCells {
    CellT* first;
    std::uint32_t count;
  };
  [[nodiscard]] OpenCells open_cells(Priority priority) const {
    CellT* const first = next_;
    const std::uint64_t used = hot_used();
    const std::uint64_t size = usable_[static_cast<std::size_t>(priority)];
    if (used >= size) return {first, 0};
    const auto to_end = static_cast<std::uint64_t>(end_ - first);
    const std::uint64_t open = std::min({(size - used) / sizeof(CellT), to_end, kHotCells});
    return {first, static_cast<std::uint32_t>(open)};
  }

  /// Publishes the record that fills the reserved cells.
  void publish_cells(CellT* first, std::uint64_t cells, std::uint64_t head) {
    for (std::uint64_t i = 1; i < cells; ++i) {
      // relaxed: the first head publishes them; I2: every cell carries its lap, here the same
      first[i].head.store(lap(), Order::kRelaxed);
    }
    // release: pairs with peek(); I1: all cells are stored before the first one's head
    first->head.store(head | lap(), Order::kRelease);
    step(first, cells, head);
    for (std::uint64_t i = 0; i < cells; ++i) prefetch_for_write(first + kAheadCells + i);
  }

  /// Begins to write a ring of 2^cells_log2 cells at start_pos, whose reader serves `freed`.
  void attach(CellT* cells, unsigned cells_log2, PositionsT* positions, const FreedWord* freed,
              std::uint64_t start_pos) {
    cells_ = cells;
    end_ = cells + (std::uint64_t{1} << cells_log2);
    byte_mask_ = (std::uint64_t{sizeof(CellT)} << cells_log2) - 1;
    cells_log2_ = cells_log2;
    positions_ = positions;
    freed_at_ = reinterpret_cast<std::uintptr_t>(freed) - reinterpret_cast<std::uintptr_t>(this);
    set_pos(start_pos);
    close_fast_path();
  }

  /// Back to the state without a ring.
  void detach() { *this = BasicRingWriter{}; }
  [[nodiscard]] bool is_attached() const { return cells_ != nullptr; }

  /// Looks for room for a record of `cells` cells; true when there is, and then cell_at() up to
  /// pos() + cells may be written and committed. Opens the hot path as far as there is room.
  bool try_make_room(std::uint64_t cells, Priority priority) {
    if (!is_attached()) return false;
    const bool fits = cells <= free_cells(priority, used_by_freed(pos())) ||
                      cells <= free_cells(priority, pos() - read_pos());
    open_hot_path_behind(fits ? cells : 0);
    return fits;
  }

  /// Publishes the record whose `cells` cells from pos() on have been filled.
  void commit(std::uint64_t cells, std::uint64_t head) {
    const std::uint64_t first = pos();
    for (std::uint64_t i = 1; i < cells; ++i) {
      // relaxed: the head of the first cell publishes them; I2: every cell carries its lap
      cell_at(first + i).head.store(lap_of(first + i, cells_log2_), Order::kRelaxed);
    }
    // release: pairs with peek(); I1: all cells are stored before the first one's head
    cell_at(first).head.store(head | lap_of(first, cells_log2_), Order::kRelease);
    set_pos(first + cells);
  }

  /// Publishes a last record of one cell in the place that is always kept for it (I4), the cell at
  /// pos(). Once: the place is there again when try_make_room() has found room.
  void commit_last(std::uint64_t head) {
    cell_at(pos()).head.store(head | lap_of(pos(), cells_log2_),
                              Order::kRelease);  // pairs with peek(), as in commit()
    set_pos(pos() + 1);
    close_fast_path();
  }

  /// Sends the next reservation to the cold path, whatever room there is.
  void close_fast_path() { usable_[0] = usable_[1] = 0; }

  [[nodiscard]] std::uint64_t pos() const {
    return ((laps_ - 1) << cells_log2_) + static_cast<std::uint64_t>(next_ - cells_);
  }
  [[nodiscard]] CellT& cell_at(std::uint64_t pos) { return cells_[pos & (capacity() - 1)]; }
  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2_; }
  [[nodiscard]] std::uint64_t headroom() const { return capacity() / 8; }

  /// The largest record an empty ring takes from an ordinary call, in cells.
  [[nodiscard]] std::uint64_t largest_record() const {
    const std::uint64_t usable = capacity() - kKeptCells - headroom();
    return usable < kMaxRecordCells ? usable : kMaxRecordCells;
  }

 private:
  static constexpr std::uint64_t kKeptCells = 1;  // for commit_last()
  // The reader has each cell's line from the lap before. Asked for so early, it is here when it is
  // written; else a burst waits for one line after the other. May point behind the ring.
  static constexpr std::uint64_t kAheadCells = 6;
  static_assert(std::has_single_bit(sizeof(CellT)));

  // In a ring of which `used` cells are: all of them after commit_last(), and more, seen from
  // `freed`.
  [[nodiscard]] std::uint64_t free_cells(Priority priority, std::uint64_t used) const {
    const std::uint64_t kept = kKeptCells + (priority == Priority::kNormal ? headroom() : 0);
    return used + kept < capacity() ? capacity() - kept - used : 0;
  }

  // Seldom asked, for the reader stores it again and again.
  [[nodiscard]] std::uint64_t read_pos() const {
    // acquire: pairs with release_space(); I3: the reader is done with the cells it frees
    return positions_->read_pos.load(Order::kAcquire);
  }

  [[nodiscard]] std::uint64_t used_by_freed(std::uint64_t pos) const {
    return (unwrapped_address(cells_, pos) - freed()) / sizeof(CellT);
  }

  [[nodiscard]] std::uint64_t freed() const {
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(this) + freed_at_;
    // acquire: pairs with release_space(); I3: the reader is done with the cells before it
    return reinterpret_cast<const FreedWord*>(at)->load(Order::kAcquire);
  }

  // Bytes of cells behind `freed`, right as long as the hot path is open: see
  // open_hot_path_behind().
  [[nodiscard]] std::uint64_t hot_used() const {
    return (reinterpret_cast<std::uintptr_t>(next_) - freed()) & byte_mask_;
  }

  // I3: only if hot_used() will tell a full ring from an empty one when this many cells have been
  // committed. `freed` lags behind read_pos, so that they may end a lap before it.
  void open_hot_path_behind(std::uint64_t cells) {
    if (used_by_freed(pos() + cells) >= capacity()) return close_fast_path();
    usable_[0] = (capacity() - kKeptCells - headroom()) * sizeof(CellT);
    usable_[1] = (capacity() - kKeptCells) * sizeof(CellT);
  }

  [[nodiscard]] std::uint64_t lap() const { return static_cast<std::uint8_t>(laps_); }

  // Behind a published record.
  void step(CellT* first, std::uint64_t cells, std::uint64_t head) {
    CellT* next = first + cells;
    if (next == end_) [[unlikely]]
      next = wrap(first, head);
    next_ = next;
  }

  CellT* wrap(CellT* first, std::uint64_t head) {
    if (next_ == first) {
      ++laps_;
    } else {
      // A signal's handler has logged in between, in this place, and has turned the lap, which is
      // not this record's. One of the two is lost, but the reader must not wait for a lap that is
      // over. release: as in publish_cell()
      first->head.store(head | static_cast<std::uint8_t>(laps_ - 1), Order::kRelease);
    }
    return cells_;
  }

  void set_pos(std::uint64_t pos) {
    next_ = &cell_at(pos);
    laps_ = (pos >> cells_log2_) + 1;
  }

  // The hot path's, one line.
  FreedWord nothing_{};  // what a writer without a ring takes for `freed`
  CellT* next_ = nullptr;
  std::uint64_t usable_[2] = {
      0, 0};  // bytes that may be used, by Priority; 0 sends calls the cold way
  std::uint64_t byte_mask_ = 0;
  std::uintptr_t freed_at_ = 0;  // seen from this object, or zeros would not lead anywhere
  CellT* end_ = nullptr;
  std::uint64_t laps_ = 0;  // of next_, counted from one

  // The cold path's.
  CellT* cells_ = nullptr;
  PositionsT* positions_ = nullptr;
  unsigned cells_log2_ = 0;
};

using RingWriter = BasicRingWriter<Cell, RingPositions, PlainAtomic<std::uint64_t>>;

}  // namespace metlog
