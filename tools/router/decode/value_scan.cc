#include "tools/router/decode/value_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tools/router/input/frame.h"

namespace metlog {
namespace {

// Between two comparisons with the text's end the scan advances by at most a literal or a number of
// the maximum length and some signs, and then reads kRunStep bytes: all within the padding.
constexpr unsigned kMaxDigits = 17;
constexpr unsigned kDigitStep = 8;
static_assert(kMaxDigits + 2 * kDigitStep + 8 + kRunStep < kFramePadding);

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

const char* literal(const char* at, std::string_view word) {
  return std::memcmp(at, word.data(), word.size()) == 0 ? at + word.size() : nullptr;
}

/// Escaped surrogates are left to the parser, for only some pairs of them are valid.
const char* escape(const char* at) {
  if (*at++ != '\\') return nullptr;
  const char kind = *at++;
  if (kind != 'u') {
    return kind != '\0' && std::strchr("\"\\/bfnrt", kind) != nullptr ? at : nullptr;
  }
  for (int i = 0; i < 4; ++i) {
    if (!is_hex(at[i])) return nullptr;
  }
  if ((at[0] == 'd' || at[0] == 'D') && at[1] >= '8') return nullptr;
  return at + 4;
}

/// Reads at least one digit and at most `left`.
const char* digits(const char* at, unsigned& left) {
  const char* const begin = at;
  unsigned count = kDigitStep;
  while (count == kDigitStep) {
    count = leading_digits(at);
    if (count > left) return nullptr;
    left -= count;
    at += count;
  }
  return at == begin ? nullptr : at;
}

/// Reads a number with so few digits, and an exponent of at most two, that a double can hold it.
const char* number(const char* at) {
  unsigned left = kMaxDigits;
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  const char first = *at;
  const char* const begin = at;
  at = digits(at, left);
  if (at == nullptr || (first == '0' && (negative || at != begin + 1))) return nullptr;
  if (*at == '.' && (at = digits(at + 1, left)) == nullptr) return nullptr;
  if (*at != 'e' && *at != 'E') return at;
  ++at;
  if (*at == '-' || *at == '+') ++at;
  unsigned exponent_left = 2;
  return digits(at, exponent_left);
}

/// Reads an object with keys that are a ScannedKeys.
template <class Keys>
const char* members(const char* at, ValueScan& scan, std::size_t level, Keys& keys) {
  if (*++at == '}') return at + 1;
  while (true) {
    std::string_view key;
    at = scan_plain_string(at + (*at == ' ' ? 1 : 0), scan, key);
    if (at == nullptr || *at != ':' || !keys.add(key)) return nullptr;
    ++at;
    const char* const value = at + (*at == ' ' ? 1 : 0);
    at = scan_value(value, scan, level + 1);
    if (at == nullptr) return nullptr;
    keys.end(value, at);
    if (*at != ',') return *at == '}' && at < scan.end ? at + 1 : nullptr;
    ++at;
  }
}

const char* object(const char* at, ValueScan& scan, std::size_t level) {
  ScannedKeys keys;
  return members(at, scan, level, keys);
}

const char* array(const char* at, ValueScan& scan, std::size_t level) {
  if (*++at == ']') return at + 1;
  while (true) {
    at = scan_value(at + (*at == ' ' ? 1 : 0), scan, level + 1);
    if (at == nullptr) return nullptr;
    if (*at != ',') return *at == ']' && at < scan.end ? at + 1 : nullptr;
    ++at;
  }
}

}  // namespace

unsigned leading_digits(const char* at) {
  constexpr std::uint64_t kEvery = 0x0101010101010101;
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  word ^= kEvery * '0';  // digits are 0 to 9 now
  // Only a byte that is not a digit carries, and a carry changes only the bytes after it.
  const std::uint64_t others = ((word + kEvery * (0x80 - 10)) | word) & (kEvery * 0x80);
  return static_cast<unsigned>(std::countr_zero(others)) / 8;
}

const char* scan_string(const char* at, ValueScan& scan) {
  if (at >= scan.end || *at++ != '"') return nullptr;
  while (true) {
    at = find_first_escape(at, scan.end, scan.high_bits);
    if (at >= scan.end) return nullptr;
    if (*at == '"') return at + 1;
    at = escape(at);
    if (at == nullptr) return nullptr;
  }
}

const char* scan_plain_string(const char* at, ValueScan& scan, std::string_view& value) {
  if (at >= scan.end || *at != '"') return nullptr;
  const char* const begin = ++at;
  at = find_first_escape(at, scan.end, scan.high_bits);
  if (at >= scan.end || *at != '"') return nullptr;
  value = {begin, static_cast<std::size_t>(at - begin)};
  return at + 1;
}

const char* scan_value(const char* at, ValueScan& scan, std::size_t level) {
  if (at >= scan.end) return nullptr;
  if (*at == '{') return level < scan.depth ? object(at, scan, level) : nullptr;
  if (*at == '[') return level < scan.depth ? array(at, scan, level) : nullptr;
  const char* const end = scan_scalar(at, scan);
  if (end != nullptr) scan.scalars.add(at, end);
  return end;
}

const char* scan_members(const char* at, ValueScan& scan, std::size_t level,
                         ScannedMembers& found) {
  if (at >= scan.end || *at != '{' || level >= scan.depth) return nullptr;
  return members(at, scan, level, found);
}

const char* scan_scalar(const char* at, ValueScan& scan) {
  if (at >= scan.end) return nullptr;
  switch (*at) {
    case '"':
      return scan_string(at, scan);
    case 't':
      return literal(at, "true");
    case 'f':
      return literal(at, "false");
    case 'n':
      return literal(at, "null");
    default:
      return number(at);
  }
}

namespace {

constexpr std::string_view kWhitespace = " \t\r\n";

}  // namespace

std::string_view trim_json_whitespace(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhitespace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhitespace) - first + 1);
}

std::size_t end_of_first_value(std::string_view text) {
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return std::string_view::npos;
  std::size_t open = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++open;
    } else if ((c == '}' || c == ']') && --open == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace metlog
