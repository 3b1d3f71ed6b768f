#include "metlog/internal/text/value_text.h"

#include <cmath>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/time_text.h"
#include "metlog/internal/text/written_members.h"

namespace metlog {
namespace {

// Writes the digits of the float: 0.1F is 0.1, not the nearest double to it.
char* append_short_float(char* out, float value) {
  return std::isfinite(value) ? append_json_double(out, value)
                              : append_short_double(out, static_cast<double>(value));
}

char* append_pointer(char* out, std::uint64_t address) {
  *out++ = '0';
  *out++ = 'x';
  int shift = 60;
  while (shift > 0 && (address >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *out++ = "0123456789abcdef"[address >> shift & 0xf];
  return out;
}

char* append_character(char* out, std::uint32_t code) {
  const Utf8Character character = utf8_character(code);
  return append_plain_text(out, {character.bytes, character.size});
}

char* append_quoted(char* out, std::string_view text) {
  *out++ = '"';
  out = append_json_text(out, text);
  *out++ = '"';
  return out;
}

// Writes a scalar that JSON does not quote; returns null for any other letter.
char* append_number(char* out, char letter, ByteCursor& bytes) {
  switch (letter) {
    case 'b':
      return append_plain_text(out, bytes.take<std::uint8_t>() != 0 ? "true" : "false");
    case 'i':
      return append_int(out, bytes.take<std::int32_t>());
    case 'u':
      return append_uint(out, bytes.take<std::uint32_t>());
    case 'l':
      return append_int(out, bytes.take<std::int64_t>());
    case 'm':
      return append_uint(out, bytes.take<std::uint64_t>());
    case 'z':
      (void)bytes.take<std::uint8_t>();
      return append_plain_text(out, "null");
    default:
      return nullptr;
  }
}

// Writes, without quotes, a number of a range that JSON's readers may not have; returns null for
// any other letter.
char* append_long_number(char* out, char letter, ByteCursor& bytes) {
  switch (letter) {
    case 'w':
      return append_int128(out, bytes.take<Int128>());
    case 'W':
      return append_uint128(out, bytes.take<Uint128>());
    case 'q':
      return append_text_double(out, take_long_real(bytes));
    default:
      return nullptr;
  }
}

// Writes such a number as JSON: in quotes if it does not fit into a double, or 64 bits.
char* append_json_long_number(char* out, char letter, ByteCursor& bytes) {
  if (letter == 'q') {
    ByteCursor ahead = bytes;
    const long double value = take_long_real(ahead);
    bytes = ahead;
    if (fits_double(value)) return append_json_double(out, static_cast<double>(value));
    *out = '"';
    out = append_text_double(out + 1, value);
    *out = '"';
    return out + 1;
  }
  char* const end = append_long_number(out + 1, letter, bytes);
  if (end == nullptr) return nullptr;
  const std::string_view digits(out + 1, static_cast<std::size_t>(end - out - 1));
  const bool is_negative = digits.front() == '-';
  const std::string_view limit = is_negative ? "-9223372036854775808" : "18446744073709551615";
  if (digits.size() < limit.size() || (digits.size() == limit.size() && digits <= limit)) {
    std::memmove(out, out + 1, digits.size());
    return end - 1;
  }
  *out = '"';
  *end = '"';
  return end + 1;
}

// Writes, without the quotes, a scalar that JSON quotes but need not escape; returns null for any
// other letter.
char* append_word(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  switch (letter) {
    case 'p':
      return append_pointer(out, bytes.take<std::uint64_t>());
    default:
      return append_time_value(out, letter, code, bytes);
  }
}

// Removes one value's type.
void skip_code(std::string_view& code) {
  const char letter = take_letter(code);
  switch (letter) {
    case 'o':
    case '[':
      skip_code(code);
      return;
    case '{':
      skip_code(code);
      skip_code(code);
      return;
    case '(':
    case '|':
      while (!code.empty() && code.front() != ')') skip_code(code);
      take_letter(code);
      return;
    default:
      return skip_time_code(letter, code);
  }
}

// Writes a key as its value, in quotes.
char* append_key(char* out, std::string_view& code, ByteCursor& bytes) {
  char* const end = append_json_value(out + 1, code, bytes);
  if (out[1] == '"') {
    std::memmove(out, out + 1, static_cast<std::size_t>(end - out - 1));
    return end - 1;
  }
  *out = '"';
  *end = '"';
  return end + 1;
}

char* append_repeated(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  const bool is_map = letter == '{';
  const std::uint32_t count = bytes.take<std::uint32_t>();
  const std::string_view element = code;
  *out++ = is_map ? '{' : '[';
  const char* const begin = out;
  WrittenMembers members;  // of a map: a multimap has keys twice
  std::size_t left = SIZE_MAX;
  for (std::uint32_t i = 0; i < count && !bytes.is_at_end(); ++i) {
    // Elements without bytes, empty tuples or of a damaged record, would never end.
    if (bytes.left() == left) break;
    left = bytes.left();
    code = element;
    if (is_map) {
      const char* const key = out;
      out = append_key(out, code, bytes);
      members.add(key, key, out);
      *out++ = ':';
    }
    out = append_json_value(out, code, bytes);
    *out++ = ',';
  }
  out = members.keep_last(out);
  if (out != begin) --out;  // the last comma
  *out++ = is_map ? '}' : ']';
  code = element;
  skip_code(code);
  if (is_map) skip_code(code);
  return out;
}

char* append_tuple(char* out, std::string_view& code, ByteCursor& bytes) {
  *out++ = '[';
  for (bool first = true; !code.empty() && code.front() != ')'; first = false) {
    if (!first) *out++ = ',';
    // A damaged record ends here, unless the rest are empty tuples.
    if (bytes.is_at_end() && code.front() != '(') {
      out = append_plain_text(out, "null");
      skip_code(code);
    } else {
      out = append_json_value(out, code, bytes);
    }
  }
  take_letter(code);
  *out++ = ']';
  return out;
}

char* append_alternative(char* out, std::string_view& code, ByteCursor& bytes) {
  const auto at_end = [&] { return code.empty() || code.front() == ')'; };
  for (auto index = bytes.take<std::uint8_t>(); index > 0 && !at_end(); --index) skip_code(code);
  out = at_end() ? append_plain_text(out, "null") : append_json_value(out, code, bytes);
  while (!at_end()) skip_code(code);
  take_letter(code);
  return out;
}

char* append_composite(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  switch (letter) {
    case '[':
    case '{':
      return append_repeated(out, letter, code, bytes);
    case '(':
      return append_tuple(out, code, bytes);
    case '|':
      return append_alternative(out, code, bytes);
    case 'o':
      if (bytes.take<std::uint8_t>() != 0) return append_json_value(out, code, bytes);
      skip_code(code);
      return append_plain_text(out, "null");
    default:
      return append_plain_text(out, "null");
  }
}

}  // namespace

char* append_json_value(char* out, std::string_view& code, ByteCursor& bytes) {
  const char letter = take_letter(code);
  if (char* const end = append_number(out, letter, bytes)) return end;
  if (letter == 'd') return append_json_double(out, bytes.take<double>());
  if (letter == 'f') return append_json_double(out, bytes.take<float>());
  if (letter == 's') return append_quoted(out, bytes.take_text(bytes.take<std::uint32_t>()));
  if (letter == 'c') return append_quoted(out, bytes.take_text(1));
  if (letter == 'C') {
    const Utf8Character character = utf8_character(bytes.take<std::uint32_t>());
    return append_quoted(out, {character.bytes, character.size});
  }
  if (char* const end = append_json_long_number(out, letter, bytes)) return end;
  if (char* const end = append_word(out + 1, letter, code, bytes)) {
    *out = '"';
    *end = '"';
    return end + 1;
  }
  return append_composite(out, letter, code, bytes);
}

char* append_text_value(char* out, std::string_view& code, ByteCursor& bytes) {
  const char letter = take_letter(code);
  if (char* const end = append_number(out, letter, bytes)) return end;
  if (letter == 'd') return append_text_double(out, bytes.take<double>());
  if (letter == 'f') return append_text_double(out, bytes.take<float>());
  if (letter == 's') {
    return append_plain_text(out, bytes.take_text(bytes.take<std::uint32_t>()));
  }
  if (letter == 'c') return append_plain_text(out, bytes.take_text(1));
  if (letter == 'C') return append_character(out, bytes.take<std::uint32_t>());
  if (char* const end = append_long_number(out, letter, bytes)) return end;
  if (char* const end = append_word(out, letter, code, bytes)) return end;
  return append_composite(out, letter, code, bytes);
}

char* append_count(char* out, std::string_view code, ByteCursor& bytes) {
  if (code == "d") return append_short_double(out, bytes.take<double>());
  if (code == "f") return append_short_float(out, bytes.take<float>());
  if (code == "q") {
    const long double value = take_long_real(bytes);
    return fits_double(value) ? append_short_double(out, static_cast<double>(value))
                              : append_text_double(out, value);
  }
  return append_text_value(out, code, bytes);
}

}  // namespace metlog
