#include "metlog/base/crc32c.h"

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
[[gnu::target("sse4.2")]] std::uint32_t continue_with_instruction(std::uint32_t state,
                                                                  const unsigned char* bytes,
                                                                  std::size_t size) {
  std::uint64_t wide = state;
  for (; size >= sizeof wide; size -= sizeof wide, bytes += sizeof wide) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    wide = _mm_crc32_u64(wide, word);
  }
  state = static_cast<std::uint32_t>(wide);
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
