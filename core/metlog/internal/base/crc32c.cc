#include "metlog/internal/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace metlog {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

std::uint32_t continue_with_table(std::uint32_t state, const unsigned char* bytes,
                                  std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    state = state >> 8 ^ kTable[(state ^ bytes[i]) & 0xff];
  }
  return state;
}

#if defined(__x86_64__)
// The instruction answers after three cycles and can be begun in each: three blocks at once take
// little longer than one. Three of them fit into a datagram of 1,400 bytes.
constexpr std::size_t kBlock = 448;

/// The effect of kBlock zero bytes on a state, one table for each of its bytes: the state is linear
/// in them, so that blocks can be begun at zero and put together afterwards.
constexpr std::array<std::array<std::uint32_t, 256>, 4> make_shift() {
  std::array<std::array<std::uint32_t, 256>, 4> shift{};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::uint32_t state = std::uint32_t{1} << bit;
    for (std::size_t i = 0; i < kBlock; ++i) state = state >> 8 ^ kTable[state & 0xff];
    const std::size_t weight = std::size_t{1} << bit % 8;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if ((byte & weight) != 0) shift[bit / 8][byte] ^= state;
    }
  }
  return shift;
}
constexpr std::array<std::array<std::uint32_t, 256>, 4> kShift = make_shift();

std::uint32_t shifted(std::uint64_t state) {
  return kShift[0][state & 0xff] ^ kShift[1][state >> 8 & 0xff] ^ kShift[2][state >> 16 & 0xff] ^
         kShift[3][state >> 24 & 0xff];
}

std::uint64_t word_at(const unsigned char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

[[gnu::target("sse4.2")]] std::uint32_t continue_with_instruction(std::uint32_t state,
                                                                  const unsigned char* bytes,
                                                                  std::size_t size) {
  std::uint64_t first = state;
  for (; size >= 3 * kBlock; size -= 3 * kBlock, bytes += 3 * kBlock) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < kBlock; i += sizeof first) {
      first = _mm_crc32_u64(first, word_at(bytes + i));
      second = _mm_crc32_u64(second, word_at(bytes + kBlock + i));
      third = _mm_crc32_u64(third, word_at(bytes + 2 * kBlock + i));
    }
    first = shifted(shifted(first) ^ second) ^ third;
  }
  for (; size >= sizeof first; size -= sizeof first, bytes += sizeof first) {
    first = _mm_crc32_u64(first, word_at(bytes));
  }
  state = static_cast<std::uint32_t>(first);
  for (; size > 0; --size) state = _mm_crc32_u8(state, *bytes++);
  return state;
}
#endif

}  // namespace

std::uint32_t crc32c_continue(std::uint32_t state, const unsigned char* bytes, std::size_t size) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return continue_with_instruction(state, bytes, size);
#endif
  return continue_with_table(state, bytes, size);
}

}  // namespace metlog
