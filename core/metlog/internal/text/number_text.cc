#include "metlog/internal/text/number_text.h"

#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "metlog/internal/text/digits.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

// Integers.

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

// Returns the number of digits of a value that is not zero.
std::size_t digit_count(std::uint32_t value) {
  // 1233 / 4096 is just above log10(2), so the guess is right or one too low for every width. The
  // comparison corrects it.
  const auto guess = static_cast<std::size_t>(std::bit_width(value)) * 1233 >> 12;
  return guess + (value >= kPowersOfTen[guess] ? 1 : 0);
}

// Not inlined, so that the frequent short values need no stack frame.
[[gnu::noinline]] char* append_long(char* out, std::uint64_t value) {
  out = append_uint(out, value / kEightDigits);
  write_digits(out, eight_digits(static_cast<std::uint32_t>(value % kEightDigits)));
  return out + 8;
}

}  // namespace

char* append_uint(char* out, std::uint64_t value) {
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
  // The count comes from the width, which is known before the digits: the writes that follow need
  // only the length.
  const std::size_t count = digit_count(short_value);
  write_digits(out, eight_digits(short_value) >> 8 * (8 - count));
  return out + count;
}

char* append_int(char* out, std::int64_t value) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  return append_uint(out, magnitude);
}

char* append_uint128(char* out, Uint128 value) {
  constexpr std::uint64_t kNineteenDigits = 10'000'000'000'000'000'000ULL;
  if (value <= UINT64_MAX) return append_uint(out, static_cast<std::uint64_t>(value));
  out = append_uint128(out, value / kNineteenDigits);
  auto rest = static_cast<std::uint64_t>(value % kNineteenDigits);
  for (char* at = out + 18; at >= out; --at, rest /= 10) *at = static_cast<char>('0' + rest % 10);
  return out + 19;
}

char* append_int128(char* out, Int128 value) {
  const auto magnitude = static_cast<Uint128>(value);
  if (value >= 0) return append_uint128(out, magnitude);
  *out = '-';
  return append_uint128(out + 1, 0 - magnitude);
}

char* append_milliseconds(char* out, std::uint64_t ns) {
  out = append_uint(out, ns / 1'000'000);
  *out = '.';
  write_six_digits(out + 1, static_cast<std::uint32_t>(ns % 1'000'000));
  return out + 7;
}

namespace {

// Doubles and floats.

enum class IntegralForm : std::uint8_t { kWithPoint, kBare };  // 12.0 or 12

/// The range in which the digits of a type are known without a search. No other decimal of at most
/// std::digits10 digits reads as the same value. So when `scaled / kScale` *is* the value, the
/// digits of `scaled` are the shortest. (IEEE division rounds as reading a decimal does, because
/// both operands are exact.) 8 ns against the 28 of dragonbox's search (bench/codec_text_bench).
template <typename Float>
struct ExactDecimals;

template <>
struct ExactDecimals<double> {
  static constexpr double kScale = 1e6;
  static constexpr double kScaledBelow = 1e9;  // times kScale: 15 digits
  static constexpr double kIntegralBelow = 1e15;
};

template <>
struct ExactDecimals<float> {
  static constexpr float kScale = 1e3F;
  static constexpr float kScaledBelow = 1e3F;  // times kScale: 6 digits
  static constexpr float kIntegralBelow = 1e6F;
};

/// The limits of the positional form.
constexpr double kMinPositional = 1e-4;
constexpr double kPositionalBelow = 1e16;
constexpr double kShortPositionalBelow = 1e11;

char* append_point_zero(char* out) {
  std::memcpy(out, ".0", 2);
  return out + 2;
}

/// Writes a magnitude that is an integer below `limit`; returns nullptr for any other.
template <typename Float>
char* append_if_integral(char* out, Float magnitude, Float limit, IntegralForm form) {
  if (!(magnitude < limit)) return nullptr;
  const auto integer = static_cast<std::int64_t>(magnitude);
  if (static_cast<Float>(integer) != magnitude) return nullptr;
  out = append_uint(out, static_cast<std::uint64_t>(integer));
  return form == IntegralForm::kWithPoint ? append_point_zero(out) : out;
}

/// Writes six decimals without trailing zeros. `millionths` is not zero.
char* append_decimals(char* out, std::uint32_t millionths) {
  *out++ = '.';
  const std::uint64_t digits = eight_digits(millionths * 100);
  write_digits(out, digits);
  // Branches are predicted, as a rule, so that the writes that follow do not wait for the digits.
  out += 6;
  for (unsigned last = 40; digits >> last == 0; last -= 8) --out;
  return out;
}

/// Writes a magnitude that is no integer but has few decimals; returns nullptr for any other.
template <typename Float>
char* append_if_few_decimals(char* out, Float magnitude) {
  using Limit = ExactDecimals<Float>;
  if (magnitude >= Limit::kScaledBelow || magnitude < static_cast<Float>(kMinPositional)) {
    return nullptr;
  }
  const auto scaled = static_cast<std::int64_t>(magnitude * Limit::kScale + Float{0.5});
  if (static_cast<Float>(scaled) / Limit::kScale != magnitude) return nullptr;
  constexpr auto kScale = static_cast<std::int64_t>(Limit::kScale);
  out = append_uint(out, static_cast<std::uint64_t>(scaled / kScale));
  return append_decimals(out, static_cast<std::uint32_t>(scaled % kScale * (1'000'000 / kScale)));
}

/// Writes the shortest form of a finite value.
template <typename Float>
char* append_shortest(char* out, Float value, IntegralForm form) {
  if (std::signbit(value)) *out++ = '-';
  const Float magnitude = std::abs(value);
  if (char* const end =
          append_if_integral(out, magnitude, ExactDecimals<Float>::kIntegralBelow, form))
    return end;
  if (char* const end = append_if_few_decimals(out, magnitude)) return end;
  out = fmt::format_to(out, FMT_COMPILE("{}"), magnitude);
  const bool is_integral =
      magnitude < static_cast<Float>(kPositionalBelow) && magnitude == std::floor(magnitude);
  return is_integral && form == IntegralForm::kWithPoint ? append_point_zero(out) : out;
}

template <typename Float>
char* append_not_finite(char* out, Float value) {
  if (std::isnan(value)) return append_plain_text(out, "nan");
  return append_plain_text(out, value < 0 ? "-inf" : "inf");
}

template <typename Float>
char* append_json(char* out, Float value) {
  if (!std::isfinite(value)) return append_plain_text(out, "null");
  return append_shortest(out, value, IntegralForm::kWithPoint);
}

template <typename Float>
char* append_text(char* out, Float value) {
  if (!std::isfinite(value)) return append_not_finite(out, value);
  return append_shortest(out, value, IntegralForm::kBare);
}

constexpr std::ptrdiff_t kShortDigits = 12;

/// Turns twelve digits, which fmt writes without an exponent, into d.ddde+11.
char* move_point_to_front(char* digits) {
  std::memmove(digits + 2, digits + 1, kShortDigits - 1);
  digits[1] = '.';
  char* out = digits + kShortDigits + 1;
  while (out[-1] == '0') --out;
  if (out[-1] == '.') --out;
  return append_plain_text(out, "e+11");
}

}  // namespace

char* append_json_double(char* out, double value) { return append_json(out, value); }
char* append_json_double(char* out, float value) { return append_json(out, value); }
char* append_text_double(char* out, double value) { return append_text(out, value); }
char* append_text_double(char* out, float value) { return append_text(out, value); }

char* append_fixed_double(char* out, double value) {
  if (!std::isfinite(value)) return append_json_double(out, value);
  char* const end =
      std::to_chars(out, out + kMaxFixedDoubleBytes, value, std::chars_format::fixed).ptr;
  return std::find(out, end, '.') == end ? append_point_zero(end) : end;
}

bool fits_double(long double value) {
  const auto nearest = static_cast<double>(value);
  if (!std::isfinite(value)) return true;
  if (!std::isfinite(nearest)) return false;
  return std::fpclassify(nearest) == FP_NORMAL || static_cast<long double>(nearest) == value;
}

char* append_text_double(char* out, long double value) {
  if (fits_double(value)) return append_text_double(out, static_cast<double>(value));
  return fmt::format_to(out, FMT_COMPILE("{}"), value);
}

char* append_short_double(char* out, double value) {
  if (!std::isfinite(value)) return append_not_finite(out, value);
  if (std::signbit(value)) *out++ = '-';
  const double magnitude = std::abs(value);
  if (char* const end =
          append_if_integral(out, magnitude, kShortPositionalBelow, IntegralForm::kWithPoint)) {
    return end;
  }
  // Below 1e6 six decimals make at most twelve digits, and the value is far nearer to them than to
  // any other twelve.
  if (magnitude < 1e6) {
    if (char* const end = append_if_few_decimals(out, magnitude)) return end;
  }
  char* const digits = out;
  out = fmt::format_to(out, FMT_COMPILE("{:.12g}"), magnitude);
  const std::string_view text(digits, static_cast<std::size_t>(out - digits));
  if (text.find_first_of(".e") != std::string_view::npos) return out;
  return out - digits == kShortDigits ? move_point_to_front(digits) : append_point_zero(out);
}

bool is_json_number(std::string_view text) {
  const bool has_digit = !text.empty() && text.back() >= '0' && text.back() <= '9';
  if (!has_digit) return false;
  std::size_t at = text.front() == '-' ? 1 : 0;
  const auto is_digit = [&](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  if (!is_digit(at) || (text[at] == '0' && is_digit(at + 1))) return false;
  while (is_digit(at)) ++at;
  if (at < text.size() && text[at] == '.') {
    if (!is_digit(++at)) return false;
    while (is_digit(at)) ++at;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!is_digit(at)) return false;
    while (is_digit(at)) ++at;
  }
  return at == text.size();
}

}  // namespace metlog
