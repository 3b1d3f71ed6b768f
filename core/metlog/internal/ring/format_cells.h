#pragma once

#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

/// Gives every cell of a ring that will begin at `start_pos` the tag of the lap before, so that
/// none passes for a record (docs/ring.md, I2). Zeroed memory that begins at 0 has them already.
/// Called before any other thread or process knows the ring.
template <class CellT>
void format_cells(CellT* cells, unsigned cells_log2, std::uint64_t start_pos) {
  const std::uint64_t capacity = std::uint64_t{1} << cells_log2;
  for (std::uint64_t pos = start_pos - capacity; pos != start_pos; ++pos) {
    // relaxed: nobody reads yet; what hands the ring over publishes it
    cells[pos & (capacity - 1)].head.store(lap_of(pos, cells_log2), Order::kRelaxed);
  }
}

}  // namespace metlog
