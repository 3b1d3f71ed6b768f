#include "metlog/internal/text/value_json.h"

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

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

void append_map(std::string& out, const ValueMap& map) {
  out += '{';
  const char* comma = "";
  for (const ValueEntry& entry : map) {
    out += comma;
    append_quoted(out, entry.key);
    out += ':';
    append_value_json(out, entry.value);
    comma = ",";
  }
  out += '}';
}

void append_real(std::string& out, double real) {
  char text[kMaxRealBytes];
  out.append(text, static_cast<std::size_t>(append_json_real(text, real) - text));
}

}  // namespace

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
      return append_real(out, *value.as_real());
    case Value::Kind::kText:
      return append_quoted(out, *value.as_text());
    case Value::Kind::kList:
      return append_list(out, *value.as_list());
    case Value::Kind::kMap:
      return append_map(out, *value.as_map());
  }
}

}  // namespace metlog
