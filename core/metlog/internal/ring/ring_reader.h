#pragma once

#include <cstdint>

#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {

/// The reader of a ring. Used by one thread: the flusher. docs/ring.md has the protocol.
template <class CellT, class PositionsT, class FreedWord>
class BasicRingReader {
 public:
  /// `freed` is a word of the writer, see serve(); null while there is no writer.
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

  /// Stores to this word of the ring's next writer from now on: the end of the cells that the
  /// writer may write again, as a freed_word(). Call it before that writer begins, while no thread
  /// reads.
  void serve(FreedWord* freed) {
    freed_ = freed;
    freed_pos_ = pos_;
    // relaxed: the writer's thread calls this, or the word is not shared yet
    freed_->store(freed_word(cells_, cells_log2_, pos_), Order::kRelaxed);
  }

  /// Returns the head of the next record, or 0 when there is none yet. Its cells may be read until
  /// release_space(). A continuation is none: a call has left it that never ended, or it is damage.
  [[nodiscard]] std::uint64_t peek() const {
    // acquire: pairs with publish_cell(), publish_cells() and commit(); I1: the whole record is
    // visible
    const std::uint64_t head = cell(0).head.load(Order::kAcquire);
    const bool is_written = static_cast<std::uint8_t>(head) == lap_of(pos_, cells_log2_);
    return is_written && (head >> 8 & 0xffff) != 0 ? head : 0;
  }

  /// The i-th cell of the record that peek() found.
  [[nodiscard]] const CellT& cell(std::uint64_t i) const { return cells_[(pos_ + i) & mask_]; }

  /// Steps over a record of `cells` cells: it is in a batch now, or needs none. Gives space back a
  /// quarter of the ring at a time, because each time costs the writer the transfer of a cache
  /// line.
  void advance(std::uint64_t cells) {
    pos_ += cells;
    // release: pairs with the recovering process, which reads the batches after it
    positions_->drained_pos.store(pos_, Order::kRelease);
    if (pos_ - freed_pos_ >= capacity() / 4) release_space();
  }

  /// Gives the space of all records stepped over back to the writer; to its hot path (`freed`) only
  /// when that is `least` cells or more, because each time costs the writer the transfer of a line.
  void release_space(std::uint64_t least) {
    if (released_pos_ != pos_) {
      released_pos_ = pos_;
      // release: pairs with read_pos(); I3: our reads come before the writer's next stores
      positions_->read_pos.store(pos_, Order::kRelease);
    }
    if (freed_pos_ == pos_ || pos_ - freed_pos_ < least) return;
    freed_pos_ = pos_;
    // release: pairs with freed(); I3, as above
    if (freed_ != nullptr) freed_->store(freed_word(cells_, cells_log2_, pos_), Order::kRelease);
  }
  /// Does so for an eighth of the ring or more.
  void release_space() { release_space(capacity() / 8); }

  /// True when a quarter of the ring is unread, the last cell of it perhaps still being written.
  /// Only the ring's first `ready` cells have memory.
  [[nodiscard]] bool is_past_quarter(std::uint64_t ready) const {
    const std::uint64_t ahead = pos_ + capacity() / 4 - 1;
    if ((ahead & mask_) >= ready) return false;
    // acquire: a hint for this thread, as recent as the flag's exchange that came before it
    return static_cast<std::uint8_t>(cells_[ahead & mask_].head.load(Order::kAcquire)) ==
           lap_of(ahead, cells_log2_);
  }

  [[nodiscard]] std::uint64_t pos() const { return pos_; }
  [[nodiscard]] std::uint64_t capacity() const { return mask_ + 1; }

 private:
  const CellT* cells_;
  PositionsT* positions_;
  FreedWord* freed_;
  unsigned cells_log2_;
  std::uint64_t mask_;  // from a position to the index of its cell
  std::uint64_t pos_;
  std::uint64_t freed_pos_;     // what *freed_ holds
  std::uint64_t released_pos_;  // what read_pos holds
};

using RingReader = BasicRingReader<Cell, RingPositions, PlainAtomic<std::uint64_t>>;

}  // namespace metlog
