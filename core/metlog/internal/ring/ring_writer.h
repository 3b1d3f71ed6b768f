#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/ring/write_place.h"
#include "metlog/internal/ring/written_cells.h"

namespace metlog {

/// The writer of a ring. Used by one thread: the one that owns the ring. All state is private to
/// it, and an all-zero writer is a valid one without a ring, for which every reservation fails.
/// That is what a new thread and (by MADV_WIPEONFORK) a forked child find.
///
///        freed    read_pos      pos (place_)     usable_[kNormal]   usable_[kHigh]
///   ..free..|  records, unread  |  free, any record  |  free, high only  | r |
///
/// A writer that wakes its reader (set_wakes()) leaves the hot path when a quarter of the ring is
/// unread, and again at each further quarter, so that the cold path can look whether the reader
/// sleeps. What the cold path opened is closed again at the next quarter of the ring's cells.
///
/// r: one reserved cell. The hot path reads `freed`, which the reader stores so rarely that its
/// line stays with the writer: as long as the reader keeps up, no call of one cell leaves the hot
/// path. A full ring and a close_fast_path() both look like too little room; try_make_room() then
/// decides by the exact read_pos. docs/ring.md has the protocol and the invariants cited here.
template <class CellT, class PositionsT, class FreedWord>
class BasicRingWriter {
 public:
  /// Maximum cells of a record on the hot path; less than any ring's largest record.
  static constexpr std::uint64_t kHotCells = 32;

  /// Reserves one cell, to be published by publish_cell(); null when emit_cells() must decide.
  [[nodiscard]] CellT* try_reserve_cell(Priority priority) {
    const std::uintptr_t at = place_.take();
    // I6: also finds a call that this one has interrupted.
    if (hot_used(at) >= usable_[static_cast<std::size_t>(priority)]) [[unlikely]] {
      give_back();
      return nullptr;
    }
    // Room implies a ring, so the caller's null test is the test above.
    if (at == 0) __builtin_unreachable();
    return reinterpret_cast<CellT*>(at);
  }

  /// Publishes the record that fills the reserved cell. `head` comes from pack_header().
  void publish_cell(CellT* cell, std::uint64_t head) {
    // release: pairs with peek(); I1: all arguments are stored before the head
    cell->head.store(head | lap(), Order::kRelease);
    if (reinterpret_cast<std::uintptr_t>(cell) >= last_) [[unlikely]]
      return pass_stop(1);
    place_.step(sizeof(CellT));
    prefetch_for_write(cell + kAheadCells);
  }

  /// Reserves `cells` adjacent cells, 1 to kHotCells, to be published by publish_cells(); returns
  /// the first. Null when the cold path must decide, also for a record that would cross the end of
  /// the lap, or of a quarter of the ring if the writer wakes its reader.
  [[nodiscard]] CellT* try_reserve_cells(std::uint64_t cells, Priority priority) {
    const std::uintptr_t at = place_.take();
    const std::uint64_t bytes = cells * sizeof(CellT);
    const std::uint64_t used = hot_used(at) + bytes;
    if (used > usable_[static_cast<std::size_t>(priority)] || bytes > bytes_to_stop(at)) {
      give_back();
      return nullptr;
    }
    if (at == 0) __builtin_unreachable();  // as in try_reserve_cell()
    return reinterpret_cast<CellT*>(at);
  }

  /// Reserves as many cells as a record may take on the hot path, 0 to kHotCells. If there are any,
  /// the caller publishes some by publish_cells(), or gives all back.
  struct OpenCells {
    CellT* first;
    std::uint32_t count;
  };
  [[nodiscard]] OpenCells open_cells(Priority priority) {
    const std::uintptr_t at = place_.take();
    const std::uint64_t used = hot_used(at);
    const std::uint64_t size = usable_[static_cast<std::size_t>(priority)];
    if (used >= size) {
      give_back();
      return {nullptr, 0};
    }
    const std::uint64_t open =
        std::min({size - used, bytes_to_stop(at), kHotCells * sizeof(CellT)});
    return {reinterpret_cast<CellT*>(at), static_cast<std::uint32_t>(open / sizeof(CellT))};
  }
  /// Gives up what was reserved.
  void give_back() { place_.step(0); }

  /// Publishes the record that fills the reserved cells.
  void publish_cells(CellT* first, std::uint64_t cells, std::uint64_t head) {
    for (std::uint64_t i = 1; i < cells; ++i) {
      // relaxed: the first head publishes them; I2: every cell carries its lap, here the same
      first[i].head.store(lap(), Order::kRelaxed);
    }
    // release: pairs with peek(); I1: all cells are stored before the first one's head
    first->head.store(head | lap(), Order::kRelease);
    if (reinterpret_cast<std::uintptr_t>(first + (cells - 1)) >= last_) [[unlikely]]
      return pass_stop(cells);
    place_.step(cells * sizeof(CellT));
    for (std::uint64_t i = 0; i < cells; ++i) prefetch_for_write(first + kAheadCells + i);
  }

  /// Begins to write a ring of 2^cells_log2 cells at start_pos, at most 2^kLargestRingLog2; its
  /// reader stores to `freed`.
  void attach(CellT* cells, unsigned cells_log2, PositionsT* positions, const FreedWord* freed,
              std::uint64_t start_pos) {
    cells_ = cells;
    byte_mask_ = kNotInRing | ((std::uint64_t{sizeof(CellT)} << cells_log2) - 1);
    cells_log2_ = cells_log2;
    positions_ = positions;
    freed_at_ = reinterpret_cast<std::uintptr_t>(freed) - reinterpret_cast<std::uintptr_t>(this);
    ready_ = capacity();
    close_fast_path();
    place_.set(base());
    set_pos(start_pos);
  }

  /// Begins the work of the cold path: everything below, on a writer with a ring, is between this
  /// and let_go(). False when the calling thread is inside of a record (I6): a signal handler has
  /// interrupted that, or has left it by a jump.
  [[nodiscard]] bool try_hold() {
    const std::uintptr_t taken = (place_.take() - base()) & ~(WritePlace::kTaken - 1);
    if (taken == 0) [[likely]]
      return true;
    if (taken >> 63 == 0) {
      give_back();
      return false;
    }
    // Taken less than not at all: a call has ended that has not begun here, see docs/ring.md.
    const std::uint64_t max = ready_ == capacity() ? kHotCells : std::min(index(), kHotCells);
    hold_at(WrittenCells<CellT>{cells_, cells_log2_}.end_before(pos(), max));
    return true;
  }
  void let_go() { give_back(); }
  /// Gives up the record that the thread is inside of, which it never ends: a handler has left it
  /// by a jump. Then holds the writer.
  void hold_after_jump() { hold_at(pos_after_jump()); }

  /// Says how many cells of the ring, from the first on, have memory; without a call, all. With
  /// fewer, start_pos is among them, and the writer stays in its first lap and leaves one of them
  /// unwritten: the one that the reader polls.
  void set_ready(std::uint64_t cells) {
    ready_ = cells;
    set_stop();
  }
  /// The number of cells that must be ready for a record of `cells` cells at pos().
  [[nodiscard]] std::uint64_t ready_for(std::uint64_t cells) const { return index() + cells + 1; }
  /// True when they are. Otherwise try_make_room() must not be called.
  [[nodiscard]] bool is_ready_for(std::uint64_t cells) const {
    return ready_ == capacity() || ready_for(cells) <= ready_;
  }

  /// Which calls take the cold path to wake the reader, from the next attach() on: those that pass
  /// a quarter of the ring, and all of high priority.
  void set_wakes(bool at_quarters, bool at_high_priority) {
    wakes_at_quarters_ = at_quarters;
    wakes_at_high_priority_ = at_high_priority;
  }
  [[nodiscard]] bool wakes_at_quarters() const { return wakes_at_quarters_; }
  /// True when a quarter of the ring or more waits for a reader that is to be woken then.
  [[nodiscard]] bool wants_reader() const {
    return wakes_at_quarters_ && pos() - read_pos() >= capacity() / 4;
  }

  /// Returns to the state without a ring.
  void detach() { *this = BasicRingWriter{}; }
  [[nodiscard]] bool is_attached() const { return cells_ != nullptr; }

  /// True when there is room for a record of `cells` cells; as many, from cell_at(pos()) on, may
  /// then be written and committed. Opens the hot path if there is room for it.
  bool try_make_room(std::uint64_t cells, Priority priority) {
    if (!is_attached()) return false;
    bool fits = cells <= free_cells(priority, used_by_freed(pos()));
    if (!fits) {
      std::uint64_t used = pos() - read_pos();
      if (used > capacity()) [[unlikely]] {
        set_pos(pos_after_jump());
        used = pos() - read_pos();
      }
      fits = cells <= free_cells(priority, used);
    }
    open_hot_path_after(fits ? cells : 0);
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

  /// Publishes a last record of one cell at pos(), in the cell that is always reserved for it (I4).
  /// May be called once; the cell is reserved again after try_make_room() has found room.
  void commit_last(std::uint64_t head) {
    cell_at(pos()).head.store(head | lap_of(pos(), cells_log2_),
                              Order::kRelease);  // pairs with peek(), as in commit()
    set_pos(pos() + 1);
    close_fast_path();
  }

  /// Makes the next reservation fail, even when there is room.
  void close_fast_path() { usable_[0] = usable_[1] = 0; }

  [[nodiscard]] std::uint64_t pos() const { return ((laps_ - 1) << cells_log2_) + index(); }
  /// Returns pos() for the flusher, which suspects damage: it may be old, or wrong by a lap.
  [[nodiscard]] __attribute__((no_sanitize("thread"))) std::uint64_t glimpse_pos() const {
    const std::uint64_t laps = *const_cast<const volatile std::uint64_t*>(&laps_);
    return ((laps - 1) << cells_log2_) + index_of(place_.glimpse());
  }
  /// False when the writer's thread is inside of no record; all of them before are visible then.
  [[nodiscard]] __attribute__((no_sanitize("thread"))) bool glimpse_taken() const {
    return ((place_.glimpse() - base()) & ~(WritePlace::kTaken - 1)) != 0;
  }
  [[nodiscard]] CellT& cell_at(std::uint64_t pos) { return cells_[pos & (capacity() - 1)]; }
  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2_; }
  [[nodiscard]] std::uint64_t headroom() const { return capacity() / 8; }

  /// Maximum cells of a record of normal priority in an empty ring.
  [[nodiscard]] std::uint64_t largest_record() const {
    return std::min<std::uint64_t>(capacity() - kReservedCells - headroom(), kMaxRecordCells);
  }

 private:
  static constexpr std::uint64_t kReservedCells = 1;  // for commit_last()
  // Not 0 in the difference of a taken place from `freed`, by however many handlers.
  static constexpr std::uint64_t kNotInRing = kLapOfFreed - WritePlace::kTaken;
  // The reader's core has each cell's line from the previous lap. Prefetched this early, it is here
  // when it is written; else a burst waits for one after the other. May be past the ring's end.
  static constexpr std::uint64_t kAheadCells = 6;

  // The cells that are free when `used` are in use: all after commit_last(), more from `freed` on.
  [[nodiscard]] std::uint64_t free_cells(Priority priority, std::uint64_t used) const {
    const std::uint64_t reserved =
        kReservedCells + (priority == Priority::kNormal ? headroom() : 0);
    return used + reserved < capacity() ? capacity() - reserved - used : 0;
  }

  [[nodiscard]] std::uint64_t pos_after_jump() const {
    const bool has_last = ready_ == capacity() || index() != 0;
    return WrittenCells<CellT>{cells_, cells_log2_}.end_after_jump(pos(), read_pos(), has_last);
  }

  // Read rarely, because the reader stores it often.
  [[nodiscard]] std::uint64_t read_pos() const {
    // acquire: pairs with release_space(); I3: the reader is done with the cells it frees
    return positions_->read_pos.load(Order::kAcquire);
  }

  [[nodiscard]] std::uint64_t used_by_freed(std::uint64_t pos) const {
    return cells_since_freed(freed(), cells_, cells_log2_, pos);
  }
  [[nodiscard]] std::uint64_t freed() const {
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(this) + freed_at_;
    // acquire: pairs with release_space(); I3: the reader is done with the cells before it
    return reinterpret_cast<const FreedWord*>(at)->load(Order::kAcquire);
  }

  // Bytes in use when the next cell is `at`, counted from `freed`. Correct while the hot path is
  // open: see open_hot_path_after(). More than any ring has if `at` is not in the ring.
  [[nodiscard]] std::uint64_t hot_used(std::uintptr_t at) const {
    return (at - freed()) & byte_mask_;
  }

  // Opens the hot path if hot_used() will be less than a lap after this many cells more (I3):
  // `freed` may be older than read_pos, and a full lap would look like an empty ring.
  void open_hot_path_after(std::uint64_t cells) {
    const std::uint64_t used = used_by_freed(pos() + cells);
    if (used >= capacity() || !is_ready_for(1)) return close_fast_path();
    // By the exact position: `freed` lags, and the reader is to be woken at a quarter, not before.
    const std::uint64_t unread = wakes_at_quarters_ ? pos() + cells - read_pos() : 0;
    const std::uint64_t end = (unread / stride() + 1) * stride() + (used - unread);
    usable_[0] = std::min(end, capacity() - kReservedCells - headroom()) * sizeof(CellT);
    usable_[1] = std::min(end, capacity() - kReservedCells) * sizeof(CellT);
    if (wakes_at_high_priority_) usable_[1] = 0;
  }
  [[nodiscard]] std::uint64_t lap() const { return static_cast<std::uint8_t>(laps_); }
  // Steps over a record that ends a stride. Not inline, and a call's last act: saves no registers.
  [[gnu::noinline, gnu::cold]] void pass_stop(std::uint64_t cells) {
    set_pos(pos() + cells);
    // What the cold path opened beyond the first stride was for cells that may be read by now.
    usable_[0] = std::min(usable_[0], stride() * sizeof(CellT));
    usable_[1] = std::min(usable_[1], stride() * sizeof(CellT));
    give_back();
  }

  // The cells between two stops: a quarter of the ring, or all of it.
  [[nodiscard]] std::uint64_t stride() const {
    return wakes_at_quarters_ ? std::max<std::uint64_t>(capacity() / 4, 1) : capacity();
  }
  // At the end of what is ready, the cold path must look for more.
  void set_stop() {
    std::uint64_t end = (index() / stride() + 1) * stride();
    if (ready_ < capacity()) end = std::min(end, ready_ - 1);
    last_ = base() + (end - 1) * sizeof(CellT);
    if (index() == end) close_fast_path();
  }
  // `at` is in the stride, or the hot path is closed.
  [[nodiscard]] std::uint64_t bytes_to_stop(std::uintptr_t at) const {
    return last_ + sizeof(CellT) - at;
  }
  [[nodiscard]] std::uintptr_t base() const { return reinterpret_cast<std::uintptr_t>(cells_); }
  [[nodiscard]] std::uint64_t index_of(std::uintptr_t word) const {
    return ((word - base()) & (WritePlace::kTaken - 1)) / sizeof(CellT);
  }
  [[nodiscard]] std::uint64_t index() const { return index_of(place_.word()); }

  void hold_at(std::uint64_t pos) {
    place_.set(base() + index() * sizeof(CellT) + WritePlace::kTaken);
    set_pos(pos);
  }
  // Taken or not, the place stays so.
  void set_pos(std::uint64_t pos) {
    const std::uint64_t next = pos & (capacity() - 1);
    place_.set(place_.word() + (next - index()) * sizeof(CellT));
    laps_ = (pos >> cells_log2_) + 1;
    set_stop();
  }

  // Used by the hot path; one cache line.
  FreedWord nothing_{};  // the `freed` of a writer without a ring
  WritePlace place_;
  std::uint64_t usable_[2] = {0, 0};  // bytes that may be used, by Priority; 0 closes the hot path
  std::uint64_t byte_mask_ = 0;
  std::uintptr_t freed_at_ = 0;  // relative to this object, so that 0 is nothing_
  std::uintptr_t last_ = 0;      // the last cell of the stride, or of the lap
  std::uint64_t laps_ = 0;       // of place_, counted from one

  // Used by the cold path.
  CellT* cells_ = nullptr;
  PositionsT* positions_ = nullptr;
  std::uint64_t ready_ = 0;  // cells that have memory
  unsigned cells_log2_ = 0;
  bool wakes_at_quarters_ = false;
  bool wakes_at_high_priority_ = false;
};

using RingWriter = BasicRingWriter<Cell, RingPositions, PlainAtomic<std::uint64_t>>;

}  // namespace metlog
