#pragma once

#include <cstdint>

namespace metlog {

/// The address that the cell at `pos` would have in a ring that does not wrap. Two of them differ
/// by the bytes of the cells between; a cell's own address differs from its endless one by whole
/// laps.
template <class CellT>
std::uint64_t endless_address(const CellT* cells, std::uint64_t pos) {
  return reinterpret_cast<std::uintptr_t>(cells) + pos * sizeof(CellT);
}

}  // namespace metlog
