#include "metlog/internal/text/format_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <locale>

#include "absl/strings/ascii.h"
#include "metlog/internal/site/format_check.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/time_text.h"

namespace metlog {
namespace {

// The parts of a specification are put together again for {fmt}, without what it reads in another
// way than std::format, or refuses.
std::string fmt_format(const FormatSpec& spec) {
  std::string format = "{:";
  if (spec.align != 0) format.append(spec.fill).append(1, spec.align);
  if (spec.sign != 0) format += spec.sign;
  if (spec.has_alternate) format += '#';
  // std::format ignores the zero beside an alignment.
  if (spec.has_zero && spec.align == 0) format += '0';
  if (spec.width != FormatSpec::kNone && spec.width != 0) format += std::to_string(spec.width);
  if (spec.precision != FormatSpec::kNone)
    format.append(".").append(std::to_string(spec.precision));
  if (spec.has_locale) format += 'L';
  if (spec.type != 0) format += spec.type;
  return format += '}';
}

template <class T>
char* format_one(char* out, const FormatSpec& spec, const T& value) {
  const std::string format = fmt_format(spec);
  return fmt::vformat_to(out, fmt::string_view(format), fmt::make_format_args(value));
}

// Writes a word that is no string: without the parts that are for numbers.
char* format_word(char* out, FormatSpec spec, std::string_view word, char align = '<') {
  spec.type = 0;
  spec.sign = 0;
  spec.has_alternate = spec.has_zero = spec.has_locale = false;
  spec.precision = FormatSpec::kNone;
  if (spec.align == 0) spec.align = align;
  return format_one(out, spec, word);
}

// Returns null for a number that is no char.
char* format_as_char(char* out, const FormatSpec& spec, Int128 value) {
  if (value < std::numeric_limits<signed char>::min() ||
      value > std::numeric_limits<unsigned char>::max()) {
    return nullptr;
  }
  const char byte = static_cast<char>(value);
  return format_word(out, spec, {&byte, 1});
}

template <class T>
char* format_integer(char* out, const FormatSpec& spec, T value) {
  if (spec.type == 'c') return format_as_char(out, spec, static_cast<Int128>(value));
  // {fmt} refuses the sign of an unsigned number.
  constexpr bool kIsUnsigned = T(0) < T(-1);
  if constexpr (kIsUnsigned) {
    if (spec.sign != 0 && static_cast<Int128>(value) >= 0) {
      return format_one(out, spec, static_cast<Int128>(value));
    }
  }
  FormatSpec without_sign = spec;
  if (kIsUnsigned) without_sign.sign = 0;  // above the range of int128
  return format_one(out, without_sign, value);
}

/// The maximum of bytes of a number without its width and precision.
std::size_t number_bytes(const FormatSpec& spec, std::string_view type) {
  constexpr std::size_t kGrouping = 2;  // a separator after each digit
  const bool is_fixed = spec.type == 'f' || spec.type == 'F';
  switch (type[0]) {
    case 'f':
    case 'd':
      return is_fixed ? kGrouping * 320 : 64;
    case 'q':
      return is_fixed ? kGrouping * 4'940 : 64;
    case 's':
      return 16;  // the quotes of `?`; what is escaped is bytes of the value
    default:
      return kGrouping * 140;  // int128 as binary digits
  }
}

std::chars_format chars_format_of(char type) {
  switch (type) {
    case 'a':
    case 'A':
      return std::chars_format::hex;
    case 'e':
    case 'E':
      return std::chars_format::scientific;
    case 'f':
    case 'F':
      return std::chars_format::fixed;
    default:
      return std::chars_format::general;
  }
}

// Writes what {fmt} writes in another way than std::format: 0x before the digits of `a`, at most
// 767 digits, and a tiny long double with all of its digits.
template <class T>
char* format_exactly(char* out, const FormatSpec& spec, T value) {
  const std::chars_format form = chars_format_of(spec.type);
  std::string digits(number_bytes(spec, "q") + FormatSpec::kMaxNumber, '\0');
  const T magnitude = std::abs(value);
  char* const begin = digits.data();
  char* const end = begin + digits.size();
  const bool is_shortest = spec.precision == FormatSpec::kNone && form == std::chars_format::hex;
  const int precision = spec.precision == FormatSpec::kNone ? 6 : spec.precision;
  const auto written = is_shortest ? std::to_chars(begin, end, magnitude, form)
                                   : std::to_chars(begin, end, magnitude, form, precision);
  digits.resize(static_cast<std::size_t>(written.ptr - begin));
  if (spec.has_alternate && digits.find('.') == std::string::npos && std::isfinite(value)) {
    const char exponent = form == std::chars_format::hex ? 'p' : 'e';
    digits.insert(std::min(digits.find(exponent), digits.size()), 1, '.');
  }
  if (spec.type >= 'A' && spec.type <= 'Z') digits = absl::AsciiStrToUpper(digits);
  std::string text;
  if (std::signbit(value)) {
    text = "-";
  } else if (spec.sign == '+' || spec.sign == ' ') {
    text = spec.sign;
  }
  const std::size_t size = text.size() + digits.size();
  const bool is_filled = spec.has_zero && spec.align == 0 && std::isfinite(value);
  if (is_filled && spec.width != FormatSpec::kNone && size < spec.width) {
    text.append(spec.width - size, '0');
  }
  return format_word(out, spec, text += digits, '>');
}

template <class T>
char* format_real(char* out, const FormatSpec& spec, T value) {
  constexpr std::uint16_t kManyDigits = 200;
  if (chars_format_of(spec.type) == std::chars_format::hex) return format_exactly(out, spec, value);
  const bool has_precision = spec.precision != FormatSpec::kNone;
  const bool is_long = has_precision && spec.precision > kManyDigits;
  const bool is_long_double = sizeof value > sizeof(double) && (has_precision || spec.type != 0);
  // Trailing zeros of `#g`, and what a locale says, are only known to {fmt}.
  const bool keeps_zeros =
      spec.has_alternate && chars_format_of(spec.type) == std::chars_format::general;
  if ((is_long || is_long_double) && !spec.has_locale && !keeps_zeros) {
    return format_exactly(out, spec, value);
  }
  return format_one(out, spec, value);
}

char* format_bool(char* out, const FormatSpec& spec, bool value) {
  if (spec.type != 0 && spec.type != 's') return format_integer(out, spec, value ? 1 : 0);
  if (!spec.has_locale) return format_word(out, spec, value ? "true" : "false");
  const auto& names = std::use_facet<std::numpunct<char>>(std::locale());
  return format_word(out, spec, value ? names.truename() : names.falsename());
}

// Writes a character, whose bytes are UTF-8.
char* format_character(char* out, const FormatSpec& spec, std::string_view bytes,
                       std::uint32_t code) {
  if (spec.type == '?') {
    std::string quoted;
    if (bytes.size() == 1) {
      quoted = fmt::format("{:?}", bytes.front());
    } else {
      quoted.append("'").append(bytes).append("'");
    }
    return format_word(out, spec, quoted);
  }
  if (spec.type != 0 && spec.type != 'c') return format_integer(out, spec, code);
  return format_word(out, spec, bytes);
}

// Returns null when the value cannot be written in this way.
char* append_checked(char* out, const FormatSpec& spec, std::string_view code, ByteCursor& bytes) {
  switch (code.front()) {
    case 'b':
      return format_bool(out, spec, bytes.take<std::uint8_t>() != 0);
    case 'c': {
      const char byte = bytes.take<char>();
      return format_character(out, spec, {&byte, 1}, static_cast<unsigned char>(byte));
    }
    case 'C': {
      const auto number = bytes.take<std::uint32_t>();
      const Utf8Character character = utf8_character(number);
      return format_character(out, spec, {character.bytes, character.size}, number);
    }
    case 'i':
      return format_integer(out, spec, bytes.take<std::int32_t>());
    case 'u':
      return format_integer(out, spec, bytes.take<std::uint32_t>());
    case 'l':
      return format_integer(out, spec, bytes.take<std::int64_t>());
    case 'm':
      return format_integer(out, spec, bytes.take<std::uint64_t>());
    case 'w':
      return format_integer(out, spec, bytes.take<Int128>());
    case 'W':
      return format_integer(out, spec, bytes.take<Uint128>());
    case 'f':
      return format_real(out, spec, bytes.take<float>());
    case 'd':
      return format_real(out, spec, bytes.take<double>());
    case 'q':
      return format_real(out, spec, take_long_real(bytes));
    case 'p':
      return format_one(out, spec, reinterpret_cast<const void*>(bytes.take<std::uintptr_t>()));
    default: {
      char word[kValueTextExtra];
      const char* const end = append_text_value(word, code, bytes);
      return format_word(out, spec, {word, static_cast<std::size_t>(end - word)});
    }
  }
}

char* append_mismatch(char* out, std::string_view spec) {
  out = append_plain_text(out, "{?");
  out = append_plain_text(out, spec);
  return append_plain_text(out, "}");
}

/// The maximum of bytes of a character that fills the width, escaped.
std::size_t escaped_fill_bytes(std::string_view fill) {
  if (fill.empty()) return 1;
  return fill.size() > 1 ? 2 * kJsonTextGrowth : kJsonTextGrowth;
}

std::size_t growth_of(std::string_view spec, std::string_view type, std::size_t width,
                      std::size_t precision) {
  constexpr std::size_t kLocaleWord = 256;  // true and false may be any words
  const FormatSpec parts = read_format_spec(spec);
  const std::size_t mismatch = kJsonTextGrowth * (spec.size() + 3);
  return number_bytes(parts, type) + width * escaped_fill_bytes(parts.fill) + precision +
         (parts.has_locale ? kLocaleWord : 0) + mismatch;
}

std::size_t given(std::uint16_t number) { return number == FormatSpec::kNone ? 0 : number; }

}  // namespace

std::size_t SpecNumber::allowed() const {
  const bool is_allowed =
      state == State::kGiven && value >= 0 && value <= Int128{FormatSpec::kMaxNumber};
  return is_allowed ? static_cast<std::size_t>(value) : 0;
}

std::size_t spec_text_growth(std::string_view spec, std::string_view type) {
  if (spec.empty()) return 0;
  const FormatSpec parts = read_format_spec(spec);
  return growth_of(spec, type, given(parts.width), given(parts.precision));
}

std::size_t resolved_spec_growth(std::string_view spec, std::string_view type,
                                 const SpecNumber& width, const SpecNumber& precision) {
  constexpr std::size_t kComplaints = 2 * (16 + kMaxInt128Bytes);
  const FormatSpec parts = read_format_spec(spec);
  return growth_of(spec, type, given(parts.width) + width.allowed(),
                   given(parts.precision) + precision.allowed()) +
         kComplaints;
}

namespace {

// Replaces the braces that begin at `at` by a number, or by nothing.
std::size_t put_number(ResolvedSpec& resolved, std::string_view name, std::size_t at,
                       const SpecNumber& number) {
  const std::size_t end = resolved.spec.find('}', at);
  std::string digits;
  if (number.state == SpecNumber::State::kGiven && number.value >= 0 &&
      number.value <= Int128{FormatSpec::kMaxNumber}) {
    digits = std::to_string(number.allowed());
    // A width of zero is none.
    if (name == "width" && number.value == 0) digits.clear();
  } else {
    resolved.complaint.append("{?").append(name);
    if (number.state == SpecNumber::State::kGiven) {
      char text[kMaxInt128Bytes];
      const auto size = static_cast<std::size_t>(append_int128(text, number.value) - text);
      resolved.complaint.append(" ").append(text, size);
    }
    resolved.complaint += '}';
    if (name == "precision") --at;  // the point
  }
  const std::size_t size = end == std::string::npos ? std::string::npos : end + 1 - at;
  resolved.spec.replace(at, size, digits);
  return at + digits.size();
}

}  // namespace

ResolvedSpec resolve_spec(std::string_view spec, const SpecNumber& width,
                          const SpecNumber& precision) {
  ResolvedSpec resolved{std::string(spec), {}};
  std::size_t at = 0;
  while ((at = resolved.spec.find('{', at)) != std::string::npos) {
    const bool is_precision = at > 0 && resolved.spec[at - 1] == '.';
    at = is_precision ? put_number(resolved, "precision", at, precision)
                      : put_number(resolved, "width", at, width);
  }
  return resolved;
}

char* append_with_spec(char* out, std::string_view spec, std::string_view code, ByteCursor& bytes) {
  if (spec.empty()) return append_text_value(out, code, bytes);
  if (check_spec(spec, code).what != nullptr) return append_mismatch(out, spec);
  try {
    char* const end = append_checked(out, read_format_spec(spec), code, bytes);
    return end != nullptr ? end : append_mismatch(out, spec);
  } catch (const fmt::format_error&) {
    return append_mismatch(out, spec);  // fmt is stricter in a corner that check_spec() lacks
  }
}

char* append_text_with_spec(char* out, std::string_view spec, std::string_view text) {
  if (check_spec(spec, "s").what != nullptr) return append_mismatch(out, spec);
  try {
    return format_one(out, read_format_spec(spec), text);
  } catch (const fmt::format_error&) {
    return append_mismatch(out, spec);  // as above
  }
}

}  // namespace metlog
