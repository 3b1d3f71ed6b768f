#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace metlog {

/// "00" to "99" in a row: two digits for one division.
inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Writes `value`, which is below 100, as exactly two digits.
inline void write_two_digits(char* out, std::uint32_t value) {
  std::memcpy(out, &kDigitPairs[2 * value], 2);
}

/// Writes `value`, which is below 1'000'000, as exactly six digits.
inline void write_six_digits(char* out, std::uint32_t value) {
  write_two_digits(out, value / 10'000);
  write_two_digits(out + 2, value / 100 % 100);
  write_two_digits(out + 4, value % 100);
}

}  // namespace metlog
