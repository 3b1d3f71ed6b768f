#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

inline constexpr std::uint64_t kRingMagic = 0x474e49524c54454d;  // "METLRING", little endian
inline constexpr std::uint32_t kRingAbi = 1;
inline constexpr std::size_t kRingHeaderBytes = 4096;

/// The two words that the reader of a ring stores, each on a line of its own: the writer looks at
/// the first one seldom, and nobody but recovery at the second.
template <class WordT>
struct BasicRingPositions {
  alignas(kCellBytes) WordT read_pos;  // reader -> writer: cells before it may be written again
  alignas(kCellBytes) WordT done_pos;  // reader -> recovery: records before it left the process
};
using RingPositions = BasicRingPositions<Word<std::uint64_t>>;

/// The first page of a ring's file; docs/ring.md lists the offsets. Another process reads it.
struct RingHeader {
  std::uint64_t magic;
  std::uint32_t abi;
  std::uint32_t header_bytes;
  std::uint32_t cell_bytes;
  std::uint32_t cells_log2;
  std::uint32_t index;  // which ring of its session
  Word<std::uint32_t> tid;
  std::uint64_t start_pos;
  std::int64_t created_ns;  // UTC
  std::uint8_t session[16];
  char thread_name[16];
  RingPositions positions;
  Word<std::uint64_t> lost_full;  // totals of this ring, stored by its writer
  Word<std::uint64_t> lost_too_big;
};
static_assert(offsetof(RingHeader, tid) == 28 && offsetof(RingHeader, start_pos) == 32);
static_assert(offsetof(RingHeader, session) == 48 && offsetof(RingHeader, thread_name) == 64);
static_assert(offsetof(RingHeader, positions) == 128);
static_assert(offsetof(RingHeader, lost_full) == 256);
static_assert(sizeof(RingHeader) <= kRingHeaderBytes);

}  // namespace metlog
