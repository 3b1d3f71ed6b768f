#include "metlog/codec/number_text.h"

#include <bit>

#include "metlog/codec/digit_pairs.h"
#include "metlog/codec/eight_digits.h"

namespace metlog {
namespace {

constexpr std::uint64_t kEightDigits = 100'000'000;

// Apart, so that those that are frequent need no frame.
[[gnu::noinline]] char* append_long(char* out, std::uint64_t value) {
  out = append_unsigned(out, value / kEightDigits);
  write_digits(out, eight_digits(static_cast<std::uint32_t>(value % kEightDigits)));
  return out + 8;
}

}  // namespace

char* append_unsigned(char* out, std::uint64_t value) {
  if (value >= kEightDigits) return append_long(out, value);
  const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(value));
  // The last digit stays, of zero too.
  const auto zeros = static_cast<unsigned>(std::countr_zero(digits | std::uint64_t{1} << 56)) / 8;
  write_digits(out, digits >> 8 * zeros);
  return out + (8 - zeros);
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
