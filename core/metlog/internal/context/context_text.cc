#include "metlog/internal/context/context_text.h"

#include <algorithm>
#include <string_view>

#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

char* append_json_key(char* out, std::string_view key) {
  out = append_plain_text(out, ",\"");
  return append_plain_text(append_json_text(out, key), "\":");
}

char* append_line_key(char* out, std::string_view key) {
  *out++ = ' ';
  out = append_line_word(out, key);
  *out++ = '=';
  return out;
}

std::uint32_t distance(const std::string& from, const char* to) {
  return static_cast<std::uint32_t>(to - from.data());
}

// Steps over the value and returns a cursor that is before it.
ByteCursor take_value(ByteCursor& bytes) {
  const ByteCursor before = bytes;
  skip_field_value(bytes);
  return before;
}

}  // namespace

void render_context(ContextText& text, const unsigned char* bytes, std::size_t size) {
  size = std::min(size, kMaxContextRecordBytes);
  text.clear();
  text.json.resize(kValueTextExtra + kValueTextGrowth * size);
  text.line.resize(kValueTextExtra + kValueTextGrowth * size);
  char* json = text.json.data();
  char* line = text.line.data();
  ByteCursor at(bytes, size);
  const auto count = at.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !at.is_at_end(); ++i) {
    const std::string_view key = at.take_text(at.take<std::uint32_t>());
    ContextText::Part& part = text.parts.emplace_back();
    part = {std::string(key), distance(text.json, json), distance(text.line, line), 0, 0};
    json = append_json_key(json, key);
    line = append_line_key(line, key);
    part.json_value = distance(text.json, json);
    part.line_value = distance(text.line, line);
    ByteCursor value = take_value(at);
    ByteCursor same = value;
    json = append_json_field_value(json, value);
    line = append_line_field_value(line, same);
  }
  text.json.resize(distance(text.json, json));
  text.line.resize(distance(text.line, line));
  text.bytes = std::max(text.json.size(), text.line.size());
}

}  // namespace metlog
