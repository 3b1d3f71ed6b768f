#pragma once

#include <cstdint>

#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {

/// The reading end of a ring. Used by one thread: the flusher. docs/ring.md has the protocol.
template <class CellT, class PositionsT, class FreedWord>
class BasicRingReader {
 public:
  /// `freed` is the writer's, see serve(); null as long as there is none.
  BasicRingReader(const CellT* cells, unsigned cells_log2, PositionsT* positions,
                  std::uint64_t start_pos, FreedWord* freed = nullptr)
      : cells_(cells),
        positions_(positions),
        freed_(freed),
        cells_log2_(cells_log2),
        mask_((std::uint64_t{1} << cells_log2) - 1),
        pos_(start_pos),
        freed_pos_(start_pos),
        released_pos_(start_pos) {}

  /// From now on keeps this word of the ring's next writer: where the cells that it may write again
  /// end, as an unwrapped_address(). Before that one begins, and while nobody reads.
  void serve(FreedWord* freed) {
    freed_ = freed;
    freed_pos_ = pos_;
    // relaxed: the writer's own thread is here, or the word is not shared yet
    freed_->store(unwrapped_address(cells_, pos_), Order::kRelaxed);
  }

  /// The head of the next record, or 0 when there is none yet. Its cells may be read until
  /// release_space().
  [[nodiscard]] std::uint64_t peek() const {
    // acquire: pairs with publish_cell(), publish_cells() and commit(); I1: what the head announces
    // is there
    const std::uint64_t head = cell(0).head.load(Order::kAcquire);
    return static_cast<std::uint8_t>(head) == lap_of(pos_, cells_log2_) ? head : 0;
  }

  /// The i-th cell of the record that peek() announced.
  [[nodiscard]] const CellT& cell(std::uint64_t i) const { return cells_[(pos_ + i) & mask_]; }

  /// Steps over a record of `cells` cells. Its space is given back a quarter of the ring at a
  /// time, because each time costs the writer a cache line that travels.
  void advance(std::uint64_t cells) {
    pos_ += cells;
    if (pos_ - freed_pos_ >= capacity() / 4) release_space();
  }

  /// Gives the space of all records stepped over back to the writer; tells its hot path of it from
  /// an eighth of the ring on.
  void release_space() {
    if (released_pos_ == pos_) return;
    released_pos_ = pos_;
    // release: pairs with read_pos(); I3: our reads come before the writer's next stores
    positions_->read_pos.store(pos_, Order::kRelease);
    if (pos_ - freed_pos_ < capacity() / 8) return;
    freed_pos_ = pos_;
    // release: pairs with freed(); I3, as above
    if (freed_ != nullptr) freed_->store(unwrapped_address(cells_, pos_), Order::kRelease);
  }

  /// Says that every record before `pos` has left the process; recovery starts there.
  void set_done(std::uint64_t pos) {
    // release: pairs with the recovering process, which acquires it; the writer never reads it
    positions_->done_pos.store(pos, Order::kRelease);
  }

  [[nodiscard]] std::uint64_t pos() const { return pos_; }
  [[nodiscard]] std::uint64_t capacity() const { return mask_ + 1; }

 private:
  const CellT* cells_;
  PositionsT* positions_;
  FreedWord* freed_;
  unsigned cells_log2_;
  std::uint64_t mask_;  // of a position's cell
  std::uint64_t pos_;
  std::uint64_t freed_pos_;     // what *freed_ holds
  std::uint64_t released_pos_;  // what read_pos holds
};

using RingReader = BasicRingReader<Cell, RingPositions, PlainAtomic<std::uint64_t>>;

}  // namespace metlog
