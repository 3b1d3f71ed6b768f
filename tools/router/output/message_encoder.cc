#include "tools/router/output/message_encoder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

/// Replaces a line break by a space. In valid JSON a raw line break is always whitespace between
/// tokens, for strings hold no raw control characters.
void replace_all(char* begin, char* end, char line_break) {
  char* found = begin;
  while ((found = static_cast<char*>(
              std::memchr(found, line_break, static_cast<std::size_t>(end - found)))) != nullptr) {
    *found = ' ';
  }
}

}  // namespace

bool JsonLinesEncoder::encode(const DecodedMessage& message, Batch& batch) {
  char* begin = batch.reserve(message.raw.size());
  char* end = std::copy(message.raw.begin(), message.raw.end(), begin);
  if (!message.is_one_line) {
    replace_all(begin, end, '\n');
    replace_all(begin, end, '\r');
  }
  batch.commit(end, Batch::Origin::kUser);
  return true;
}

namespace {

using Kind = JsonValue::Kind;

/// Returns the number that `text` begins with, after whitespace; 0 when there is none. Infinity for
/// one that is too large for a double; NaN and infinity only when nothing but these is there:
/// "info" is no number.
double leading_number(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return 0;
  text.remove_prefix(first);
  if (text.front() == '+') text.remove_prefix(1);
  double number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  // 0, or infinity, which from_chars() does not tell apart.
  if (error == std::errc::result_out_of_range) {
    return std::strtod(std::string(text.data(), end).c_str(), nullptr);
  }
  if (error != std::errc()) return 0;
  return std::isfinite(number) || end == text_end ? number : 0;
}

double number_of(const JsonValue& value) {
  return value.kind == Kind::kText ? leading_number(value.text) : value.number;
}

char* append_name(char* out, std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(name[i]);
    if (name.substr(i, 2) == "::") {
      *out++ = '.';
      ++i;
    } else {
      *out++ = c < 0x20 || c == 0x7f || c == ':' || c == '|' || c == '@' ? '_' : name[i];
    }
  }
  return out;
}

char* append_name(char* out, const JsonValue& name) {
  return name.kind == Kind::kNumber ? append_text_double(out, name.number)
                                    : append_name(out, name.text);
}

}  // namespace

bool StatsdEncoder::encode(const DecodedMessage& message, Batch& batch) {
  const double value = number_of(message.payload());
  if (!std::isfinite(value)) return false;
  const JsonValue space = message.field("logger");
  const JsonValue name = message.field("name");
  const JsonValue rate = message.field("rate");
  char* out = batch.reserve(space.text.size() + name.text.size() + 2 * kMaxDoubleBytes +
                            2 * kMaxFixedDoubleBytes + 16);
  char* const begin = out;
  out = append_name(out, space);
  if (out != begin) *out++ = '.';
  out = append_name(out, name);
  *out++ = ':';
  out = append_fixed_double(out, value);
  *out++ = '|';
  out = append_plain_text(out, message.type == "timer" ? "ms" : "c");
  const double share = number_of(rate);
  if (share > 0 && share < 1) {
    out = append_plain_text(out, "|@");
    out = append_fixed_double(out, share);
  }
  batch.commit(out, Batch::Origin::kUser);
  return true;
}

}  // namespace metlog
