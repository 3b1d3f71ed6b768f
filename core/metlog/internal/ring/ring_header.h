#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

inline constexpr std::uint64_t kRingMagic = 0x474e49524c54454d;  // "METLRING", little endian
inline constexpr std::uint32_t kRingAbi = 2;
inline constexpr std::size_t kRingHeaderBytes = 4096;

/// The two words that the reader of a ring stores, each on its own cache line: the writer rarely
/// reads the first, and only recovery reads the second. drained_pos is never behind read_pos.
template <class WordT>
struct BasicRingPositions {
  alignas(kCellBytes) WordT read_pos;     // reader -> writer: cells before may be written again
  alignas(kCellBytes) WordT drained_pos;  // reader -> recovery: records before are in batches
};
using RingPositions = BasicRingPositions<PlainAtomic<std::uint64_t>>;

/// The first page of a ring's file, which other processes read; docs/ring.md lists the offsets.
struct RingHeader {
  std::uint64_t magic;
  std::uint32_t abi;
  std::uint32_t header_bytes;
  std::uint32_t cell_bytes;
  std::uint32_t cells_log2;
  std::uint32_t index;  // number of the ring in its session
  PlainAtomic<std::uint32_t> tid;
  std::uint64_t start_pos;
  std::int64_t created_ns;  // UTC
  std::uint8_t session[16];
  char thread_name[16];
  RingPositions positions;
  PlainAtomic<std::uint64_t> lost_full;  // totals of this ring, stored by its writer
  PlainAtomic<std::uint64_t> lost_too_big;
  PlainAtomic<std::uint64_t> file_cells;  // the first cells; the others are not in the file (yet)
  // The arguments of the last context record that was drained, by the reader: recovery needs them
  // for the records that follow.
  PlainAtomic<std::uint64_t> context_bytes;  // 0 for no context
  PlainAtomic<std::uint64_t> queue_key;      // selects the connection of its thread's messages
  unsigned char unused[728];
  unsigned char context[2304];
};
static_assert(offsetof(RingHeader, context) == 1024);
static_assert(offsetof(RingHeader, tid) == 28 && offsetof(RingHeader, start_pos) == 32);
static_assert(offsetof(RingHeader, session) == 48 && offsetof(RingHeader, thread_name) == 64);
static_assert(offsetof(RingHeader, positions) == 128);
static_assert(offsetof(RingHeader, lost_full) == 256);
static_assert(offsetof(RingHeader, file_cells) == 272);
static_assert(sizeof(RingHeader) <= kRingHeaderBytes);

/// Gives every cell of a ring that will begin at `start_pos` the tag of the previous lap, so that
/// none looks like a record (docs/ring.md, I2). Zeroed memory that begins at 0 needs no formatting.
/// Call it before any other thread or process knows the ring.
template <class CellT>
void format_cells(CellT* cells, unsigned cells_log2, std::uint64_t start_pos) {
  const std::uint64_t capacity = std::uint64_t{1} << cells_log2;
  for (std::uint64_t pos = start_pos - capacity; pos != start_pos; ++pos) {
    // relaxed: no reader yet; handing the ring over publishes it
    cells[pos & (capacity - 1)].head.store(lap_of(pos, cells_log2), Order::kRelaxed);
  }
}

}  // namespace metlog
