#include "metlog/internal/text/field_value_text.h"

#include <algorithm>
#include <string>

#include "metlog/internal/site/field_bytes.h"
#include "metlog/internal/site/type_code.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/written_members.h"

namespace metlog {
namespace {

// Values in a record.

using Kind = FieldValue::Kind;

Kind take_kind(ByteCursor& bytes) {
  constexpr std::string_view kLetters = "blmds[{";
  const char letter = static_cast<char>(bytes.take<std::uint8_t>());
  return kLetters.find(letter) == std::string_view::npos ? Kind::kNull : static_cast<Kind>(letter);
}

bool is_nested(Kind kind) { return kind == Kind::kList || kind == Kind::kMap; }

char* append_scalar(char* out, Kind kind, ByteCursor& bytes,
                    char* append(char*, std::string_view&, ByteCursor&)) {
  const char letter = static_cast<char>(kind);
  std::string_view code(&letter, 1);
  return append(out, code, bytes);
}

char* append_value(char* out, ByteCursor& bytes, int depth);

// Every element takes at least one byte, so that a damaged count ends with the bytes.
char* append_nested(char* out, Kind kind, ByteCursor& bytes, int depth) {
  const bool is_map = kind == Kind::kMap;
  const auto count = bytes.take<std::uint32_t>();
  *out++ = is_map ? '{' : '[';
  const char* const begin = out;
  WrittenMembers members;
  for (std::uint32_t i = 0; i < count && !bytes.is_at_end(); ++i) {
    if (is_map) {
      const char* const key = out;
      *out++ = '"';
      out = append_json_text(out, bytes.take_text(bytes.take<std::uint32_t>()));
      members.add(key, key, out);
      out = append_plain_text(out, "\":");
    }
    out = append_value(out, bytes, depth);
    *out++ = ',';
  }
  out = members.keep_last(out);
  if (out != begin) --out;  // the last comma
  *out++ = is_map ? '}' : ']';
  return out;
}

char* append_value(char* out, ByteCursor& bytes, int depth) {
  const Kind kind = take_kind(bytes);
  if (kind == Kind::kNull) return append_plain_text(out, "null");
  if (!is_nested(kind)) return append_scalar(out, kind, bytes, append_json_value);
  if (depth < kMaxValueDepth) return append_nested(out, kind, bytes, depth + 1);
  (void)bytes.take_text(bytes.left());  // its end is unknown
  return append_plain_text(out, "null");
}

// Writes JSON first, which is rare enough to allocate.
char* append_shown_nested(char* out, Kind kind, ByteCursor& bytes, AppendText* append_text) {
  std::string json(kValueTextExtra + kValueTextGrowth * bytes.left(), '\0');
  const char* const end = append_nested(json.data(), kind, bytes, 1);
  return append_text(out, {json.data(), static_cast<std::size_t>(end - json.data())});
}

char* append_line_value(char* out, ByteCursor& bytes, AppendText* append_text,
                        AppendText* append_nested_text) {
  const Kind kind = take_kind(bytes);
  if (kind == Kind::kNull) return append_plain_text(out, "null");
  if (is_nested(kind)) return append_shown_nested(out, kind, bytes, append_nested_text);
  if (kind != Kind::kText) return append_scalar(out, kind, bytes, append_text_value);
  return append_text(out, bytes.take_text(bytes.take<std::uint32_t>()));
}

void skip_value(ByteCursor& bytes, int depth) {
  const Kind kind = take_kind(bytes);
  if (kind == Kind::kText) {
    (void)bytes.take_text(bytes.take<std::uint32_t>());
  } else if (!is_nested(kind)) {
    (void)bytes.take_text(scalar_bytes(static_cast<char>(kind)));
  } else if (depth == kMaxValueDepth) {
    (void)bytes.take_text(bytes.left());
  } else {
    const auto count = bytes.take<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && !bytes.is_at_end(); ++i) {
      if (kind == Kind::kMap) (void)bytes.take_text(bytes.take<std::uint32_t>());
      skip_value(bytes, depth + 1);
    }
  }
}

}  // namespace

char* append_json_field_value(char* out, ByteCursor& bytes) { return append_value(out, bytes, 0); }

char* append_line_field_value(char* out, ByteCursor& bytes) {
  return append_line_value(out, bytes, append_line_word, append_line_text);
}

char* append_payload_value(char* out, ByteCursor& bytes, AppendText* append_text,
                           AppendText* append_json) {
  return append_line_value(out, bytes, append_text, append_json);
}

void skip_field_value(ByteCursor& bytes) { skip_value(bytes, 0); }

namespace {

// Values in memory.

void append_quoted(std::string& out, std::string_view text) {
  out.append(1, '"').append(json_text(text)).append(1, '"');
}

void append_list(std::string& out, const ValueList& list) {
  out += '[';
  const char* comma = "";
  for (const Value& item : list) {
    out += comma;
    append_value_json(out, item);
    comma = ",";
  }
  out += ']';
}

void append_double(std::string& out, double value) {
  char text[kMaxDoubleBytes];
  out.append(text, static_cast<std::size_t>(append_json_double(text, value) - text));
}

}  // namespace

bool is_overwritten(const ValueMap& map, const ValueEntry& entry) {
  const auto is_ascii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
  if (std::all_of(entry.key.begin(), entry.key.end(), is_ascii)) return false;
  return std::any_of(&entry + 1, map.end(), [&](const ValueEntry& later) {
    return is_same_json_text(later.key, entry.key);
  });
}

void append_value_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      out += "null";
      return;
    case Value::Kind::kBool:
      out += *value.as_bool() ? "true" : "false";
      return;
    case Value::Kind::kInteger:
      out += std::to_string(*value.as_integer());
      return;
    case Value::Kind::kDigits:
      out += value.as_digits()->text;
      return;
    case Value::Kind::kReal:
      return append_double(out, *value.as_real());
    case Value::Kind::kText:
      return append_quoted(out, *value.as_text());
    case Value::Kind::kList:
      return append_list(out, *value.as_list());
    case Value::Kind::kMap:
      return append_value_json(out, *value.as_map());
  }
}

void append_value_json(std::string& out, const ValueMap& map) {
  out += '{';
  const char* comma = "";
  for (const ValueEntry& entry : map) {
    if (is_overwritten(map, entry)) continue;
    out += comma;
    append_quoted(out, entry.key);
    out += ':';
    append_value_json(out, entry.value);
    comma = ",";
  }
  out += '}';
}

}  // namespace metlog
