#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"

namespace metlog {

/// The layout of a ring's cells and records, shared by writers, readers and recovery. docs/ring.md
/// draws it.

inline constexpr std::size_t kCellBytes = 64;
inline constexpr std::size_t kFirstCellArgBytes = 48;  // after the head and the time stamp
inline constexpr std::size_t kNextCellArgBytes = 56;   // after the head

/// Prefetches the cache line at this address for writing. The address need not be valid, because
/// nothing is accessed. A processor without such an instruction does nothing.
inline void prefetch_for_write(const void* address) {
#if defined(__x86_64__)
  // Not the builtin: without -mprfchw it fetches the line for reading, and the store asks again.
  __asm__ volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1, 3);
#endif
}

/// Which part of a ring a record may use. The last eighth is reserved for high priority, so that a
/// burst of ordinary messages does not keep out the one that explains it.
enum class Priority : std::uint8_t { kNormal = 0, kHigh = 1 };

/// Maximum number of cells of one record in a ring of any size.
inline constexpr std::uint32_t kMaxRecordCells = 1024;

/// Returns the bytes of arguments that fit into a record of `cells` cells.
constexpr std::size_t record_capacity(std::uint32_t cells) {
  return cells == 0 ? 0 : kFirstCellArgBytes + (cells - 1) * kNextCellArgBytes;
}

/// Returns the cells that a record with `arg_bytes` bytes of arguments takes; at least one.
constexpr std::uint64_t record_cells(std::uint64_t arg_bytes) {
  if (arg_bytes <= kFirstCellArgBytes) return 1;
  return 1 + (arg_bytes - kFirstCellArgBytes + kNextCellArgBytes - 1) / kNextCellArgBytes;
}

/// One cache line of a ring. `head` is stored last and publishes the record (docs/ring.md, I1).
struct alignas(kCellBytes) Cell {
  PlainAtomic<std::uint64_t> head;
  std::uint64_t stamp;  // in the first cell of a record; the others have arguments here
  unsigned char args[kFirstCellArgBytes];
};
static_assert(sizeof(Cell) == kCellBytes && alignof(Cell) == kCellBytes);
static_assert(offsetof(Cell, stamp) == 8 && offsetof(Cell, args) == 16);

/// The head of a record's first cell: lap (8 bits) | cells (16) | client slot (16) | site id (24),
/// from the low end. cells == 0 marks a continuation cell, so that it never looks like a header.
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

/// Returns a head without its lap, which the writer adds when it publishes.
constexpr std::uint64_t pack_header(std::uint64_t cells, std::uint64_t client, std::uint64_t site) {
  return cells << 8 | client << 24 | site << 40;
}

inline constexpr std::uint32_t kSiteBits = 24;

/// Returns the tag of every cell that is written in the lap of `pos`. Laps count from one, so that
/// zeroed memory does not look like a record. 8 bits suffice, because a cell always holds the tag
/// of this lap or of the previous one (docs/ring.md, I2).
constexpr std::uint8_t lap_of(std::uint64_t pos, unsigned cells_log2) {
  return static_cast<std::uint8_t>((pos >> cells_log2) + 1);
}

/// Maximum size of a ring: 2^kLargestRingLog2 cells of 64 bytes, 1 GiB.
inline constexpr unsigned kLargestRingLog2 = 24;

/// Returns what a reader stores for the writer's hot path: the cells before `pos` are free. It is
/// the address of the cell at `pos`, less a lap, plus kLapOfFreed for each lap. So the low 40 bits
/// of its difference from an address in the ring are what is in use, modulo a lap, and a lap: less
/// than 2^31.
inline constexpr std::uint64_t kLapOfFreed = std::uint64_t{1} << 40;
template <class CellT>
std::uint64_t freed_word(const CellT* cells, unsigned cells_log2, std::uint64_t pos) {
  const std::uint64_t capacity = std::uint64_t{1} << cells_log2;
  return reinterpret_cast<std::uintptr_t>(cells) +
         ((pos & (capacity - 1)) - capacity) * sizeof(CellT) + (pos >> cells_log2) * kLapOfFreed;
}

/// Returns pos - the position in the word, which is less than 2^24 laps before pos.
template <class CellT>
std::uint64_t cells_since_freed(std::uint64_t word, const CellT* cells, unsigned cells_log2,
                                std::uint64_t pos) {
  const std::uint64_t offset =
      word + (sizeof(CellT) << cells_log2) - reinterpret_cast<std::uintptr_t>(cells);
  const std::uint64_t index = offset % kLapOfFreed / sizeof(CellT);
  const std::uint64_t freed = ((offset / kLapOfFreed) << cells_log2) + index;
  return (pos - freed) & ((std::uint64_t{1} << (24 + cells_log2)) - 1);
}

/// The site id of records that are not calls (docs/ring.md). No code writes kClock and kThread yet;
/// they are reserved, so that readers of a dead process's rings can skip them.
enum class ControlRecord : std::uint32_t {
  kLoss = 1,
  kClock = 2,
  kThread = 3,
  kContextSet = 4,
  kContextClear = 5,
  kContinuation = 6,  // the thread continues in another ring; the last record of this one
};

/// The arguments of ControlRecord::kLoss: messages of the head's client that did not get into the
/// ring since the last such record. The record is at the place where they are missing.
struct LossMark {
  std::uint64_t count;
  std::uint64_t first_stamp;
  std::uint64_t last_stamp;
  std::uint32_t site;   // of a single record that was too big; else 0
  std::uint8_t reason;  // LossReason
  std::uint8_t beginning_size;
  unsigned char beginning[18];  // of that record's arguments
};
static_assert(sizeof(LossMark) == kFirstCellArgBytes);

/// The arguments of ControlRecord::kContinuation.
struct Continuation {
  std::uint64_t ring;  // index of the ring in which the thread continues
  unsigned char unused[40];
};
static_assert(sizeof(Continuation) == kFirstCellArgBytes);

}  // namespace metlog
