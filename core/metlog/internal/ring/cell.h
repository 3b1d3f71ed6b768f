#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"

namespace metlog {

/// The geometry of a ring, shared by ring, message and recovery. docs/ring.md draws it.

inline constexpr std::size_t kCellBytes = 64;
inline constexpr std::size_t kFirstCellArgBytes = 48;  // after the head and the time stamp
inline constexpr std::size_t kNextCellArgBytes = 56;   // after the head

/// The largest number of cells one record may take, whatever the ring's size.
inline constexpr std::uint32_t kMaxRecordCells = 1024;

/// Bytes of arguments that fit a record of `cells` cells.
constexpr std::size_t record_capacity(std::uint32_t cells) {
  return cells == 0 ? 0 : kFirstCellArgBytes + (cells - 1) * kNextCellArgBytes;
}

/// Cells that a record with `arg_bytes` bytes of arguments takes; at least one.
constexpr std::uint64_t record_cells(std::uint64_t arg_bytes) {
  if (arg_bytes <= kFirstCellArgBytes) return 1;
  return 1 + (arg_bytes - kFirstCellArgBytes + kNextCellArgBytes - 1) / kNextCellArgBytes;
}

/// One cache line of a ring. `head` is stored last and publishes the record (docs/ring.md, I1).
struct alignas(kCellBytes) Cell {
  PlainAtomic<std::uint64_t> head;
  std::uint64_t stamp;  // of a record's first cell; arguments in its other cells
  unsigned char args[kFirstCellArgBytes];
};
static_assert(sizeof(Cell) == kCellBytes && alignof(Cell) == kCellBytes);
static_assert(offsetof(Cell, stamp) == 8 && offsetof(Cell, args) == 16);

/// A head: lap (8 bits) | cells (16) | client slot (16) | site id (24), from the low end.
/// cells == 0 marks a continuation cell, so one can never pass for a header.
struct RecordHeader {
  std::uint8_t lap;
  std::uint16_t cells;
  std::uint16_t client;
  std::uint32_t site;

  static constexpr RecordHeader unpack(std::uint64_t word) {
    return {static_cast<std::uint8_t>(word), static_cast<std::uint16_t>(word >> 8),
            static_cast<std::uint16_t>(word >> 24), static_cast<std::uint32_t>(word >> 40)};
  }
};

/// The head without its lap, which the ring's writer adds when it publishes.
constexpr std::uint64_t pack_header(std::uint64_t cells, std::uint64_t client, std::uint64_t site) {
  return cells << 8 | client << 24 | site << 40;
}

inline constexpr std::uint32_t kSiteBits = 24;

/// The tag that every cell written in the lap that holds `pos` carries. Laps count from one, so
/// that zeroed memory is not taken for a record; 8 bits suffice, for a cell always holds the tag
/// of this lap or of the one before (docs/ring.md, I2).
constexpr std::uint8_t lap_of(std::uint64_t pos, unsigned cells_log2) {
  return static_cast<std::uint8_t>((pos >> cells_log2) + 1);
}

/// The address that the cell at `pos` would have in a ring that does not wrap. Two of them differ
/// by the bytes of the cells between; a cell's own address differs from its endless one by whole
/// laps.
template <class CellT>
std::uint64_t unwrapped_address(const CellT* cells, std::uint64_t pos) {
  return reinterpret_cast<std::uintptr_t>(cells) + pos * sizeof(CellT);
}

}  // namespace metlog
