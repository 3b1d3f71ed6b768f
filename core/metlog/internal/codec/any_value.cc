#include "metlog/internal/codec/any_value.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <system_error>

#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

/// Where the string at the beginning of `json` ends, with its quotes.
std::size_t string_end(std::string_view json) {
  std::size_t at = 1;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return std::min(at + 1, json.size());
}

/// Where the scalar at the beginning of `json` ends.
std::size_t scalar_end(std::string_view json) {
  if (json.front() == '"') return string_end(json);
  return std::min(json.find_first_of(",]}"), json.size());
}

bool is_int64(std::string_view number) {
  std::int64_t value = 0;
  const char* const end = number.data() + number.size();
  const auto [after, error] = std::from_chars(number.data(), end, value);
  return error == std::errc() && after == end;
}

/// What is before a scalar, and after it.
struct Wrapping {
  std::string_view before;
  std::string_view after;
};

Wrapping wrapping_of(std::string_view scalar) {
  switch (scalar.front()) {
    case '"':
      return {"{\"stringValue\":", "}"};
    case 't':
    case 'f':
      return {"{\"boolValue\":", "}"};
    default:
      break;
  }
  if (is_int64(scalar)) return {"{\"intValue\":\"", "\"}"};
  const bool is_real = scalar.find_first_of(".e") != std::string_view::npos;
  if (is_real) return {"{\"doubleValue\":", "}"};
  return {"{\"stringValue\":\"", "\"}"};  // a number of more than 64 bits
}

/// Writes the value that `json` begins with, and removes it from there.
char* append_value(char* out, std::string_view& json) {
  if (json.empty()) return append_plain_text(out, "{}");
  const char first = json.front();
  if (first != '[' && first != '{') {
    const std::string_view scalar = json.substr(0, scalar_end(json));
    json.remove_prefix(scalar.size());
    if (first == 'n') return append_plain_text(out, "{}");
    const Wrapping wrapping = wrapping_of(scalar);
    out = append_plain_text(append_plain_text(out, wrapping.before), scalar);
    return append_plain_text(out, wrapping.after);
  }
  const bool is_map = first == '{';
  const char last = is_map ? '}' : ']';
  out = append_plain_text(
      out, is_map ? "{\"kvlistValue\":{\"values\":[" : "{\"arrayValue\":{\"values\":[");
  json.remove_prefix(1);
  while (!json.empty() && json.front() != last) {
    if (is_map) {
      const std::string_view key = json.substr(0, string_end(json));
      json.remove_prefix(std::min(key.size() + 1, json.size()));  // and the colon
      out = append_plain_text(append_plain_text(out, "{\"key\":"), key);
      out = append_plain_text(out, ",\"value\":");
    }
    out = append_value(out, json);
    if (is_map) *out++ = '}';
    if (!json.empty() && json.front() == ',') {
      json.remove_prefix(1);
      *out++ = ',';
    }
  }
  if (!json.empty()) json.remove_prefix(1);
  return append_plain_text(out, "]}}");
}

}  // namespace

char* append_any_value(char* out, std::string_view json) { return append_value(out, json); }

char* wrap_any_value(char* begin, char* end) {
  const std::string_view scalar(begin, static_cast<std::size_t>(end - begin));
  if (scalar.empty() || scalar.front() == 'n') return append_plain_text(begin, "{}");
  const Wrapping wrapping = wrapping_of(scalar);
  std::memmove(begin + wrapping.before.size(), begin, scalar.size());
  append_plain_text(begin, wrapping.before);
  return append_plain_text(end + wrapping.before.size(), wrapping.after);
}

}  // namespace metlog
