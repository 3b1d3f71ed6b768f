#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace metlog {

/// "00" to "99": two digits for one division.
inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Writes a value below 100 as exactly two digits.
inline void write_two_digits(char* out, std::uint32_t value) {
  std::memcpy(out, &kDigitPairs[2 * value], 2);
}

/// Writes a value below 1'000'000 as exactly six digits.
inline void write_six_digits(char* out, std::uint32_t value) {
  write_two_digits(out, value / 10'000);
  write_two_digits(out + 2, value / 100 % 100);
  write_two_digits(out + 4, value % 100);
}

/// Returns the eight decimal digits of a value below 10^8, leading zeros included: one byte for
/// each digit, 0 to 9, the first in the lowest byte. Without loop and table: splits eight digits
/// into two lanes of four, these into four of two, these into eight of one, all lanes of a step at
/// once.
constexpr std::uint64_t eight_digits(std::uint32_t value) {
  // Each quotient is a multiplication and a shift, which is exact in the range of its lanes.
  const std::uint64_t fours = value / 10'000 | std::uint64_t{value % 10'000} << 32;
  const std::uint64_t hundreds = (fours * 10'486 >> 20) & 0x0000'007f'0000'007f;
  const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
  const std::uint64_t tens = (twos * 103 >> 10) & 0x000f'000f'000f'000f;
  return tens | (twos - tens * 10) << 8;
}
static_assert(eight_digits(12'345'678) == 0x0807'0605'0403'0201);
static_assert(eight_digits(99'999'999) == 0x0909'0909'0909'0909);

/// Writes the result of eight_digits(), possibly shifted down, as eight characters.
inline void write_digits(char* out, std::uint64_t digits) {
  digits |= 0x3030'3030'3030'3030;
  if constexpr (std::endian::native == std::endian::big) digits = __builtin_bswap64(digits);
  std::memcpy(out, &digits, sizeof digits);
}

}  // namespace metlog
