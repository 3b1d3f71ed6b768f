#pragma once

#include <cstdint>

#include "metlog/internal/ring/cell.h"

namespace metlog {

/// Finds a writer's position by the cells of its ring, when it is in doubt: the cell before it has
/// the tag of its lap, the cell at it has not. Used by the thread that writes.
template <class CellT>
struct WrittenCells {
  const CellT* cells;
  unsigned cells_log2;

  /// Returns the position of a writer that a signal handler has left by a jump, before or while
  /// its position was stored as `pos`. `has_last`: the cell before it has memory.
  [[nodiscard]] std::uint64_t end_after_jump(std::uint64_t pos, std::uint64_t read_pos,
                                             bool has_last) const {
    if (has_last) {
      const auto ahead = static_cast<std::uint8_t>(lap_of(pos - 1, cells_log2) - tag_at(pos - 1));
      if (ahead == 1) pos -= capacity();
      if (ahead == 0xff) pos += capacity();
    }
    if (is_written(pos)) {
      const std::uint64_t length = head_at(pos) >> 8 & 0xffff;
      if (length >= 1 && length <= kMaxRecordCells) pos += length;
    }
    return pos - read_pos > capacity() ? pos - capacity() : pos;
  }
  /// Returns the position after the last written cell before `pos`, up to `max` cells back.
  [[nodiscard]] std::uint64_t end_before(std::uint64_t pos, std::uint64_t max) const {
    for (; max > 0 && !is_written(pos - 1); --max) --pos;
    return pos;
  }

 private:
  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2; }
  [[nodiscard]] std::uint64_t head_at(std::uint64_t pos) const {
    return cells[pos & (capacity() - 1)].head.load(Order::kRelaxed);  // relaxed: our own
  }
  [[nodiscard]] std::uint8_t tag_at(std::uint64_t pos) const {
    return static_cast<std::uint8_t>(head_at(pos));
  }
  [[nodiscard]] bool is_written(std::uint64_t pos) const {
    return tag_at(pos) == lap_of(pos, cells_log2);
  }
};

}  // namespace metlog
