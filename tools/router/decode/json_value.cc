#include "tools/router/decode/json_value.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstring>

#include "metlog/internal/base/utf8.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

using Kind = JsonValue::Kind;

bool has_escapes(std::string_view text) {
  return std::memchr(text.data(), '\\', text.size()) != nullptr;
}

/// Returns memory for the next text that this thread has to copy.
std::string& next_unescaped() {
  constexpr std::size_t kMaxKept = 64 * 1024;
  thread_local std::array<std::string, kUnescapedTexts> texts;
  thread_local std::size_t next = 0;
  std::string& text = texts[next];
  next = (next + 1) % kUnescapedTexts;
  if (text.capacity() > kMaxKept) text = std::string();
  text.clear();
  return text;
}

std::string_view unescaped(std::string_view text) {
  if (!has_escapes(text)) return text;
  std::string& copy = next_unescaped();
  append_unescaped(copy, text);
  return copy;
}

JsonValue value_of(Kind kind, std::string_view json) {
  JsonValue value;
  value.kind = kind;
  value.json = json;
  return value;
}

JsonValue text_of(std::string_view json) {
  JsonValue value = value_of(Kind::kText, json);
  value.text = unescaped(json.substr(1, json.size() - 2));
  return value;
}

JsonValue bool_of(std::string_view json) {
  JsonValue value = value_of(Kind::kBool, json);
  value.number = json.front() == 't' ? 1 : 0;
  return value;
}

/// An integer without a fraction and an exponent is one up to 64 bits, so -0 is 0 as it is there.
JsonValue number_of(std::string_view json) {
  JsonValue value = value_of(Kind::kNumber, json);
  const char* const end = json.data() + json.size();
  std::int64_t integer = 0;
  const auto [integer_end, integer_error] = std::from_chars(json.data(), end, integer);
  value.is_integer = integer_error == std::errc() && integer_end == end;
  if (value.is_integer) {
    value.integer = integer;
    value.number = static_cast<double>(integer);
  } else {
    std::from_chars(json.data(), end, value.number);
  }
  return value;
}

/// The code unit of an escape, whose four digits are at `digits`.
char32_t unit_at(const char* digits) {
  unsigned unit = 0;
  std::from_chars(digits, digits + 4, unit, 16);
  return unit;
}

bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }
bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }

/// Appends the character of a \u escape whose digits are at `at`; returns the end of the escape, or
/// of both when it is the first of a pair.
const char* append_code_point(std::string& out, const char* at, const char* end) {
  char32_t code = unit_at(at);
  at += 4;
  if (is_high_surrogate(code) && end - at >= 6 && is_low_surrogate(unit_at(at + 2))) {
    code = 0x10000 + ((code - 0xD800) << 10) + (unit_at(at + 2) - 0xDC00);
    at += 6;
  }
  const Utf8Character character = utf8_character(code);
  out.append(character.bytes, character.size);
  return at;
}

char escaped_character(char kind) {
  switch (kind) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return kind;  // a quote, a backslash, a slash
  }
}

}  // namespace

void append_unescaped(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const auto* found =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (found == nullptr) found = end;
    out.append(at, found);
    if (found == end) return;
    const char kind = found[1];
    at = found + 2;
    if (kind == 'u') {
      at = append_code_point(out, at, end);
    } else {
      out += escaped_character(kind);
    }
  }
}

JsonValue read_json_value(std::string_view json) {
  if (json.empty()) return {};
  switch (json.front()) {
    case '"':
      return text_of(json);
    case '{':
      return value_of(Kind::kObject, json);
    case '[':
      return value_of(Kind::kArray, json);
    case 't':
    case 'f':
      return bool_of(json);
    case 'n':
      return value_of(Kind::kNull, json);
    default:
      return number_of(json);
  }
}

std::string_view without_whitespace(std::string_view json) {
  if (!json.starts_with('{') && !json.starts_with('[')) return json;
  std::string& copy = next_unescaped();
  copy.resize(json.size() + simdjson::SIMDJSON_PADDING);
  std::size_t size = 0;
  // The only error is a string without an end, which valid JSON has not.
  if (simdjson::minify(json.data(), json.size(), copy.data(), size) != simdjson::SUCCESS) return {};
  return std::string_view(copy).substr(0, size);
}

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

const char* skip_spaces(const char* at) {
  while (is_space(*at)) ++at;
  return at;
}

/// Returns the end of a valid string, behind its quote; `at` is its first quote.
const char* end_of_string(const char* at, const char* end, bool& has_escapes) {
  unsigned ignored = 0;
  at = find_first_escape(at + 1, end, ignored);
  has_escapes = *at != '"';
  while (*at != '"') at = find_first_escape(at + 2, end, ignored);
  return at + 1;
}

/// Returns the end of a valid object or array.
const char* end_of_composite(const char* at, const char* end) {
  std::size_t open = 0;
  bool ignored = false;
  do {
    if (*at == '"') {
      at = end_of_string(at, end, ignored);
      continue;
    }
    if (*at == '{' || *at == '[') ++open;
    if (*at == '}' || *at == ']') --open;
    ++at;
  } while (open > 0);
  return at;
}

const char* end_of_value(const char* at, const char* end) {
  bool ignored = false;
  if (*at == '"') return end_of_string(at, end, ignored);
  if (*at == '{' || *at == '[') return end_of_composite(at, end);
  while (*at != ',' && *at != '}' && *at != ']' && !is_space(*at)) ++at;
  return at;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Returns the next member or element from `at`, or the bracket that ends them.
const char* next_item(const char* at) {
  at = skip_spaces(at);
  return *at == ',' ? skip_spaces(at + 1) : at;
}

bool is_key(const JsonMember& member, std::string_view key) {
  constexpr std::size_t kMaxEscapeBytes = 6;
  if (!member.key_has_escapes) return member.key == key;
  if (member.key.size() > kMaxEscapeBytes * key.size()) return false;
  thread_local std::string unescaped;
  unescaped.clear();
  append_unescaped(unescaped, member.key);
  return unescaped == key;
}

}  // namespace

bool JsonMembers::next(JsonMember& member) {
  const char* at = next_item(at_);
  if (*at == '}') return false;
  const char* const key_end = end_of_string(at, end_, member.key_has_escapes);
  member.key = between(at + 1, key_end - 1);
  at = skip_spaces(skip_spaces(key_end) + 1);
  at_ = end_of_value(at, end_);
  member.value = between(at, at_);
  return true;
}

std::string_view member_of(std::string_view object, std::string_view key) {
  JsonMember member;
  for (JsonMembers members(object); members.next(member);) {
    if (is_key(member, key)) return member.value;
  }
  return {};
}

bool JsonElements::next(std::string_view& element) {
  const char* const at = next_item(at_);
  if (*at == ']') return false;
  at_ = end_of_value(at, end_);
  element = between(at, at_);
  return true;
}

}  // namespace metlog
