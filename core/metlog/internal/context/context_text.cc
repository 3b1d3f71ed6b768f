#include "metlog/internal/context/context_text.h"

#include <algorithm>
#include <string_view>

#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

char* append_json_field(char* out, std::string_view key, ByteCursor value) {
  out = append_plain_text(out, ",\"");
  out = append_plain_text(append_json_text(out, key), "\":");
  return append_json_field_value(out, value);
}

char* append_line_field(char* out, std::string_view key, ByteCursor value) {
  *out++ = ' ';
  out = append_line_word(out, key);
  *out++ = '=';
  return append_line_field_value(out, value);
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
    text.parts.push_back({std::string(key), static_cast<std::uint32_t>(json - text.json.data()),
                          static_cast<std::uint32_t>(line - text.line.data())});
    const ByteCursor value = take_value(at);
    json = append_json_field(json, key, value);
    line = append_line_field(line, key, value);
  }
  text.json.resize(static_cast<std::size_t>(json - text.json.data()));
  text.line.resize(static_cast<std::size_t>(line - text.line.data()));
  text.bytes = std::max(text.json.size(), text.line.size());
}

}  // namespace metlog
