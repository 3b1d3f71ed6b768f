#include "metlog/internal/python/percent_conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/utf8.h"
#include "metlog/internal/python/python_text.h"

namespace metlog {
namespace {

/// A number without its sign, so that zeros can be put between the two.
struct Number {
  bool is_negative = false;
  std::string_view prefix = {};  // 0x
  std::string digits = {};
};

std::string pad_text(const PercentConversion& conversion, std::string text) {
  const std::size_t size = count_characters(text);
  const auto width = static_cast<std::size_t>(conversion.width);
  if (size >= width) return text;
  text.insert(conversion.is_left ? text.size() : 0, width - size, ' ');
  return text;
}

std::string pad_number(const PercentConversion& conversion, const Number& number) {
  std::string text;
  if (number.is_negative) {
    text += '-';
  } else if (conversion.has_plus) {
    text += '+';
  } else if (conversion.has_space) {
    text += ' ';
  }
  text += number.prefix;
  const std::size_t size = text.size() + number.digits.size();
  const auto width = static_cast<std::size_t>(conversion.width);
  if (conversion.has_zero && !conversion.is_left && size < width) text.append(width - size, '0');
  return pad_text(conversion, text.append(number.digits));
}

// Returns a number's decimal digits, without the fraction of a double; nothing for other values.
std::optional<Number> integer_of(const Value& value) {
  std::string text;
  if (const bool* const truth = value.as_bool()) {
    text += *truth ? '1' : '0';
  } else if (value.as_integer() != nullptr || value.as_digits() != nullptr) {
    text = python_str(value);
  } else if (const double* const floating = value.as_real(); floating && std::isfinite(*floating)) {
    text = fmt::format("{:.0f}", std::trunc(*floating));
  } else {
    return std::nullopt;
  }
  Number number;
  number.is_negative = text.front() == '-';
  number.digits = text.substr(number.is_negative ? 1 : 0);
  if (number.digits == "0") number.is_negative = false;
  return number;
}

// Converts decimal digits of any length to another base, by long division.
std::string in_base(std::string decimal, int base, bool is_upper) {
  const std::string_view letters = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    int rest = 0;
    std::string quotient;
    for (const char digit : decimal) {
      rest = rest * 10 + (digit - '0');
      if (!quotient.empty() || rest >= base) quotient += static_cast<char>('0' + rest / base);
      rest %= base;
    }
    out += letters[static_cast<std::size_t>(rest)];
    decimal = std::move(quotient);
  } while (!decimal.empty());
  std::reverse(out.begin(), out.end());
  return out;
}

absl::StatusOr<std::string> convert_integer(const PercentConversion& conversion,
                                            const Value& value) {
  std::optional<Number> number = integer_of(value);
  const char letter = conversion.letter == 'i' ? 'd' : conversion.letter;
  if (!number) {
    return absl::InvalidArgumentError(absl::StrCat("%", std::string(1, letter),
                                                   " format: a number is required, not ",
                                                   std::string(python_type(value))));
  }
  std::string& digits = number->digits;
  const bool is_hex = letter == 'x' || letter == 'X';
  if (is_hex || letter == 'o') digits = in_base(digits, is_hex ? 16 : 8, letter == 'X');
  const auto min_digits = static_cast<std::size_t>(conversion.precision.value_or(1));
  if (min_digits == 0 && digits == "0") digits.clear();
  if (digits.size() < min_digits) digits.insert(0, min_digits - digits.size(), '0');
  if (conversion.is_alternate && is_hex) number->prefix = letter == 'x' ? "0x" : "0X";
  if (conversion.is_alternate && letter == 'o' && !digits.starts_with('0'))
    digits.insert(0, 1, '0');
  return pad_number(conversion, *number);
}

absl::StatusOr<double> double_of(const Value& value) {
  if (const double* const floating = value.as_real()) return *floating;
  const std::optional<Number> number = integer_of(value);
  if (!number) {
    return absl::InvalidArgumentError(
        absl::StrCat("float argument required, not ", std::string(python_type(value))));
  }
  double floating = 0;
  if (!absl::SimpleAtod(number->digits, &floating) || std::isinf(floating)) {
    return absl::OutOfRangeError("long int too large to convert to float");
  }
  return number->is_negative ? -floating : floating;
}

// C's `#g` writes no digit after the point when the precision is used up before it: "5.", "1.e+10".
// fmt adds a zero there.
void remove_added_zero(std::string& text, std::size_t precision) {
  const std::size_t end = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa(text.data(), end);
  if (!mantissa.ends_with(".0")) return;
  // Such a mantissa has no leading zeros, except zero itself, whose zeros count.
  const std::size_t digits = mantissa.size() - 1;
  if (digits > std::max<std::size_t>(precision, 1)) text.erase(end - 1, 1);
}

absl::StatusOr<std::string> convert_double(const PercentConversion& conversion,
                                           const Value& value) {
  const absl::StatusOr<double> floating = double_of(value);
  if (!floating.ok()) return floating.status();
  const std::string spec = absl::StrCat(conversion.is_alternate ? "{:#.{}" : "{:.{}",
                                        std::string(1, conversion.letter), "}");
  Number number;
  number.is_negative = std::signbit(*floating) && !std::isnan(*floating);
  number.digits =
      fmt::format(fmt::runtime(spec), std::abs(*floating), conversion.precision.value_or(6));
  if (conversion.is_alternate && (conversion.letter == 'g' || conversion.letter == 'G')) {
    remove_added_zero(number.digits, static_cast<std::size_t>(conversion.precision.value_or(6)));
  }
  return pad_number(conversion, number);
}

absl::StatusOr<std::string> convert_character(const PercentConversion& conversion,
                                              const Value& value) {
  if (const std::string* const text = value.as_text()) {
    if (count_characters(*text) != 1) {
      return absl::InvalidArgumentError("%c requires int or char");
    }
    return pad_text(conversion, *text);
  }
  if (value.as_real() != nullptr) {
    return absl::InvalidArgumentError("integer argument expected, got float");
  }
  const std::optional<Number> number = integer_of(value);
  if (!number) return absl::InvalidArgumentError("an integer is required");
  if (number->is_negative) {
    return absl::OutOfRangeError("unsigned byte integer is less than minimum");
  }
  int code = 0;
  if (!absl::SimpleAtoi(number->digits, &code) || code > 255) {
    return absl::OutOfRangeError("unsigned byte integer is greater than maximum");
  }
  // A byte of Latin-1, as UTF-8.
  std::string text;
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else {
    text += static_cast<char>(0xc0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
  return pad_text(conversion, text);
}

std::string convert_string(const PercentConversion& conversion, std::string text) {
  if (conversion.precision) {
    text = first_characters(text, static_cast<std::size_t>(*conversion.precision));
  }
  return pad_text(conversion, std::move(text));
}

}  // namespace

absl::StatusOr<std::string> convert_percent(const PercentConversion& conversion,
                                            const Value& value) {
  switch (conversion.letter) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return convert_integer(conversion, value);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return convert_double(conversion, value);
    case 'c':
      return convert_character(conversion, value);
    case 's':
      return convert_string(conversion, python_str(value));
    case 'r':
      return convert_string(conversion, python_repr(value));
    default:
      return absl::InvalidArgumentError(
          fmt::format("unsupported format character '{}' (0x{:x}) at index {}", conversion.letter,
                      static_cast<unsigned char>(conversion.letter), conversion.letter_index));
  }
}

std::string percent_sign(const PercentConversion& conversion) { return pad_text(conversion, "%"); }

}  // namespace metlog
