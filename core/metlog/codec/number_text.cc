#include "metlog/codec/number_text.h"

#include <array>
#include <bit>

#include "metlog/codec/digit_pairs.h"

namespace metlog {
namespace {

/// 1, 10, 100 ... up to the largest power of ten in 64 bits.
constexpr std::array<std::uint64_t, 20> kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (std::uint64_t& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

std::size_t digit_count(std::uint64_t value) {
  // 1233 / 4096 is just above log10(2): right or one too low for every width, which the comparison
  // mends.
  const auto guess = static_cast<std::size_t>(std::bit_width(value | 1)) * 1233 >> 12;
  return guess + (value >= kPowersOfTen[guess] ? 1 : 0) + (value == 0 ? 1 : 0);
}

}  // namespace

char* append_unsigned(char* out, std::uint64_t value) {
  char* const end = out + digit_count(value);
  char* at = end;
  while (value >= 100) {
    at -= 2;
    write_two_digits(at, static_cast<std::uint32_t>(value % 100));
    value /= 100;
  }
  if (value >= 10) {
    write_two_digits(at - 2, static_cast<std::uint32_t>(value));
  } else {
    at[-1] = static_cast<char>('0' + value);
  }
  return end;
}

char* append_integer(char* out, std::int64_t value) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  return append_unsigned(out, magnitude);
}

char* append_milliseconds(char* out, std::uint64_t ns) {
  out = append_unsigned(out, ns / 1'000'000);
  *out = '.';
  write_six_digits(out + 1, static_cast<std::uint32_t>(ns % 1'000'000));
  return out + 7;
}

}  // namespace metlog
