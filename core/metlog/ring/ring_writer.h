#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/base/cell.h"
#include "metlog/base/prefetch.h"
#include "metlog/ring/ring_header.h"

namespace metlog {

/// Which part of a ring a record may use: the last eighth is kept for urgent ones, so that the
/// burst which explains an outage does not evict its cause.
enum class Room : std::uint8_t { kOrdinary = 0, kUrgent = 1 };

/// The writing end of a ring. Used by one thread: the ring's own. All state is private to it, so
/// an all-zero writer is a valid one without a ring, for which every reservation fails; that is
/// what a new thread and (by MADV_WIPEONFORK) a forked child find.
///
///        read_pos            pos (next_)        limit_[kOrdinary]   limit_[kUrgent]
///   ..free..|  records, unread  |  free, ordinary  |  free, urgent only  |kept|
///
/// The hot path sees one lap as a plain array from next_ to limit_; the lap's end, a full ring and
/// a hold() all look like `next_ >= limit_` and are settled by try_make_room().
/// docs/ring.md has the protocol and the invariants I1-I4 that are cited here.
template <class CellT, class PositionsT>
class BasicRingWriter {
 public:
  /// The longest record that takes the hot path; shorter than the largest of any ring.
  static constexpr std::uint64_t kHotCells = 32;

  /// One cell, which stays unpublished until publish_cell(); null when the cold path must decide.
  [[nodiscard]] CellT* try_reserve_cell(Room room) {
    CellT* const cell = next_;
    if (cell >= limit_[static_cast<std::size_t>(room)]) return nullptr;
    // What lies below the limit is in the ring; the caller's test for null is then this one.
    if (cell == nullptr) __builtin_unreachable();
    return cell;
  }

  /// Publishes the record that fills the reserved cell. `head` comes from pack_head().
  void publish_cell(CellT* cell, std::uint64_t head) {
    // release: pairs with peek(); I1: all arguments are stored before the head
    cell->head.store(head | lap_, Order::kRelease);
    next_ = cell + 1;
    prefetch_for_write(cell + kAheadCells);
  }

  /// The same for a record of `cells` cells, from 1 to kHotCells; they lie one behind the other.
  /// Null also where the record would turn the lap: the cold path does that.
  [[nodiscard]] CellT* try_reserve_cells(std::uint64_t cells, Room room) {
    CellT* const first = next_;
    if (limit_[static_cast<std::size_t>(room)] - first < static_cast<std::ptrdiff_t>(cells)) {
      return nullptr;
    }
    if (first == nullptr) __builtin_unreachable();  // as in try_reserve_cell()
    return first;
  }

  /// How many cells, from the next one on, a record may take the hot path with; kHotCells at most.
  [[nodiscard]] std::uint64_t open_cells(Room room) const {
    const auto open = static_cast<std::uint64_t>(limit_[static_cast<std::size_t>(room)] - next_);
    return open < kHotCells ? open : kHotCells;
  }

  /// Publishes the record that fills the reserved cells.
  void publish_cells(CellT* first, std::uint64_t cells, std::uint64_t head) {
    for (std::uint64_t i = 1; i < cells; ++i) {
      // relaxed: the first head publishes them; I2: every cell carries its lap, here the same
      first[i].head.store(lap_, Order::kRelaxed);
    }
    // release: pairs with peek(); I1: all cells are stored before the first one's head
    first->head.store(head | lap_, Order::kRelease);
    next_ = first + cells;
    for (std::uint64_t i = 0; i < cells; ++i) prefetch_for_write(first + kAheadCells + i);
  }

  /// Begins to write a ring of 2^cells_log2 cells at start_pos.
  void attach(CellT* cells, unsigned cells_log2, PositionsT* positions, std::uint64_t start_pos) {
    cells_ = cells;
    positions_ = positions;
    cells_log2_ = cells_log2;
    read_pos_seen_ = start_pos;
    set_pos(start_pos);
    hold();
  }

  /// Back to the state without a ring.
  void detach() { *this = BasicRingWriter{}; }
  [[nodiscard]] bool is_attached() const { return cells_ != nullptr; }

  /// Looks for room for a record of `cells` cells; true when there is, and then cell_at() up to
  /// pos() + cells may be written and sealed. Opens the hot path as far as there is room.
  bool try_make_room(std::uint64_t cells, Room room) {
    if (!is_attached()) return false;
    if (free_cells(room) < cells) {
      // acquire: pairs with release_space(); I3: the reader is done with the cells it frees
      read_pos_seen_ = positions_->read_pos.load(Order::kAcquire);
    }
    if (next_ == cells_ + capacity()) {
      set_pos(pos());
      for (std::uint64_t i = 0; i < kAheadCells; ++i) prefetch_for_write(cells_ + i);
    }
    open_hot_path();
    return free_cells(room) >= cells;
  }

  /// Publishes the record whose `cells` cells from pos() on have been filled.
  void seal(std::uint64_t cells, std::uint64_t head) {
    const std::uint64_t first = pos();
    for (std::uint64_t i = 1; i < cells; ++i) {
      // relaxed: the head of the first cell publishes them; I2: every cell carries its lap
      cell_at(first + i).head.store(lap_of(first + i, cells_log2_), Order::kRelaxed);
    }
    // release: pairs with peek(); I1: all cells are stored before the first one's head
    cell_at(first).head.store(head | lap_of(first, cells_log2_), Order::kRelease);
    set_pos(first + cells);
    open_hot_path();
  }

  /// Publishes a last record of one cell in the place that is always kept for it (I4), the cell at
  /// pos(). Once: the place is there again when try_make_room() has found room.
  void seal_last(std::uint64_t head) {
    cell_at(pos()).head.store(head | lap_of(pos(), cells_log2_),
                              Order::kRelease);  // pairs with peek(), as in seal()
    set_pos(pos() + 1);
    hold();
  }

  /// Sends the next reservation to the cold path, whatever room there is.
  void hold() { limit_[0] = limit_[1] = next_; }

  [[nodiscard]] std::uint64_t pos() const {
    return lap_pos_ + static_cast<std::uint64_t>(next_ - cells_);
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
  static constexpr std::uint64_t kKeptCells = 1;  // for seal_last()
  // The reader has each cell's line from the lap before. Asked for so early, it is here when it is
  // written; else a burst waits for one line after the other. May point behind the ring.
  static constexpr std::uint64_t kAheadCells = 6;

  [[nodiscard]] std::uint64_t free_cells(Room room) const {
    const std::uint64_t kept = kKeptCells + (room == Room::kOrdinary ? headroom() : 0);
    const std::uint64_t used = pos() - read_pos_seen_;  // the whole ring, after seal_last()
    return used + kept < capacity() ? capacity() - kept - used : 0;
  }

  void set_pos(std::uint64_t pos) {
    const std::uint64_t index = pos & (capacity() - 1);
    next_ = cells_ + index;
    lap_pos_ = pos - index;
    lap_ = lap_of(pos, cells_log2_);
  }

  void open_hot_path() {
    const auto to_end = static_cast<std::uint64_t>(cells_ + capacity() - next_);
    const std::uint64_t ordinary = free_cells(Room::kOrdinary);
    const std::uint64_t urgent = free_cells(Room::kUrgent);
    limit_[0] = next_ + (ordinary < to_end ? ordinary : to_end);
    limit_[1] = next_ + (urgent < to_end ? urgent : to_end);
  }

  // The hot path's, one line.
  CellT* next_ = nullptr;
  CellT* limit_[2] = {nullptr, nullptr};  // by Room
  std::uint64_t lap_ = 0;                 // of next_

  // The cold path's.
  CellT* cells_ = nullptr;
  PositionsT* positions_ = nullptr;
  std::uint64_t lap_pos_ = 0;        // position of cells_[0] in this lap
  std::uint64_t read_pos_seen_ = 0;  // I3: never ahead of read_pos
  unsigned cells_log2_ = 0;
};

using RingWriter = BasicRingWriter<Cell, RingPositions>;

}  // namespace metlog
