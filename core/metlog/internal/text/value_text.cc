#include "metlog/internal/text/value_text.h"

#include <cmath>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

char take_letter(std::string_view& code) {
  if (code.empty()) return 0;
  const char letter = code.front();
  code.remove_prefix(1);
  return letter;
}

std::string_view unit_text(char unit) {
  switch (unit) {
    case 'n':
      return "ns";
    case 'u':
      return "us";
    case 'm':
      return "ms";
    case 'M':
      return "min";
    case 'h':
      return "h";
    case 'd':
      return "d";
    default:
      return "s";
  }
}

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

char* append_time(char* out, std::int64_t utc_ns) {
  TimestampText text;
  return text.append(out, utc_ns);
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
    default:
      return nullptr;
  }
}

// Writes, without the quotes, a scalar that JSON quotes but need not escape; returns null for any
// other letter.
char* append_word(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  switch (letter) {
    case 'p':
      return append_pointer(out, bytes.take<std::uint64_t>());
    case 'D':
      out = append_int(out, bytes.take<std::int64_t>());
      return append_plain_text(out, unit_text(take_letter(code)));
    case 'E':
      out = append_text_double(out, bytes.take<double>());
      return append_plain_text(out, unit_text(take_letter(code)));
    case 'T':
      return append_time(out, bytes.take<std::int64_t>());
    default:
      return nullptr;
  }
}

// Removes one value's type.
void skip_code(std::string_view& code) {
  switch (take_letter(code)) {
    case 'D':
    case 'E':
      take_letter(code);
      return;
    case 'o':
    case '[':
      skip_code(code);
      return;
    case '{':
      skip_code(code);
      skip_code(code);
      return;
    case '(':
      while (!code.empty() && code.front() != ')') skip_code(code);
      take_letter(code);
      return;
    default:
      return;
  }
}

char* append_key(char* out, std::string_view& code, ByteCursor& bytes) {
  constexpr std::string_view kQuoted = "scpDET";
  if (!code.empty() && kQuoted.find(code.front()) != std::string_view::npos) {
    return append_json_value(out, code, bytes);
  }
  char* const end = append_json_value(out + 1, code, bytes);
  *out = '"';
  *end = '"';
  return end + 1;
}

char* append_repeated(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  const bool is_map = letter == '{';
  const std::uint32_t count = bytes.take<std::uint32_t>();
  const std::string_view element = code;
  *out++ = is_map ? '{' : '[';
  std::size_t left = SIZE_MAX;
  for (std::uint32_t i = 0; i < count && !bytes.is_at_end(); ++i) {
    // Elements without bytes, empty tuples or of a damaged record, would never end.
    if (bytes.left() == left) break;
    left = bytes.left();
    if (i != 0) *out++ = ',';
    code = element;
    if (is_map) {
      out = append_key(out, code, bytes);
      *out++ = ':';
    }
    out = append_json_value(out, code, bytes);
  }
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

char* append_composite(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  switch (letter) {
    case '[':
    case '{':
      return append_repeated(out, letter, code, bytes);
    case '(':
      return append_tuple(out, code, bytes);
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
  if (char* const end = append_word(out, letter, code, bytes)) return end;
  return append_composite(out, letter, code, bytes);
}

char* append_count(char* out, std::string_view code, ByteCursor& bytes) {
  if (code == "d") return append_short_double(out, bytes.take<double>());
  if (code == "f") return append_short_float(out, bytes.take<float>());
  return append_text_value(out, code, bytes);
}

}  // namespace metlog
