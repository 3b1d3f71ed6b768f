#include "metlog/internal/text/number_text.h"

#include <array>
#include <bit>

#include "metlog/internal/text/digits.h"
#include "metlog/internal/text/eight_digits.h"

namespace metlog {
namespace {

constexpr std::uint64_t kEightDigits = 100'000'000;

/// 1, 10, 100 ... up to the largest power of ten in 32 bits.
constexpr std::array<std::uint32_t, 10> kPowersOfTen = [] {
  std::array<std::uint32_t, 10> powers{};
  std::uint64_t power = 1;
  for (std::uint32_t& entry : powers) {
    entry = static_cast<std::uint32_t>(power);
    power *= 10;
  }
  return powers;
}();

// Of a value that is not zero.
std::size_t digit_count(std::uint32_t value) {
  // 1233 / 4096 is just above log10(2): right or one too low for every width, which the comparison
  // mends.
  const auto guess = static_cast<std::size_t>(std::bit_width(value)) * 1233 >> 12;
  return guess + (value >= kPowersOfTen[guess] ? 1 : 0);
}

// Apart, so that those that are frequent need no frame.
[[gnu::noinline]] char* append_long(char* out, std::uint64_t value) {
  out = append_unsigned(out, value / kEightDigits);
  write_digits(out, eight_digits(static_cast<std::uint32_t>(value % kEightDigits)));
  return out + 8;
}

}  // namespace

char* append_unsigned(char* out, std::uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < 100) {
    write_two_digits(out, static_cast<std::uint32_t>(value));
    return out + 2;
  }
  if (value >= kEightDigits) return append_long(out, value);
  const auto short_value = static_cast<std::uint32_t>(value);
  // From the width, which is known before the digits: what stands behind waits for the length.
  const std::size_t count = digit_count(short_value);
  write_digits(out, eight_digits(short_value) >> 8 * (8 - count));
  return out + count;
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
