#include "metlog/internal/python/python_text.h"

#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

template <class Append>
std::string double_text(double value, Append append) {
  char text[kMaxDoubleBytes];
  return {text, append(text, value)};
}

std::string short_double(double value) { return double_text(value, append_short_double); }

std::string exact_double(double value) {
  if (!std::isfinite(value)) return short_double(value);
  return double_text(value,
                     [](char* out, double number) { return append_json_double(out, number); });
}

void append_escaped(std::string& out, char c, char quote) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '\t') {
    out += "\\t";
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\\' || c == quote) {
    out.append({'\\', c});
  } else if (byte < 0x20 || byte >= 0x7f) {
    out.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]});
  } else {
    out += c;
  }
}

std::string list_repr(const ValueList& list) {
  std::string out = "[";
  for (const Value& value : list) {
    if (out.size() > 1) out += ", ";
    out += python_repr(value);
  }
  return out += ']';
}

std::string map_repr(const ValueMap& map) {
  std::string out = "{";
  for (const auto& [key, value] : map) {
    if (out.size() > 1) out += ", ";
    absl::StrAppend(&out, python_quote(key), ": ", python_repr(value));
  }
  return out += '}';
}

}  // namespace

std::string python_quote(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) append_escaped(out, c, quote);
  return out += quote;
}

std::string python_repr(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kText:
      return python_quote(*value.as_text());
    case Value::Kind::kReal:
      return exact_double(*value.as_real());
    case Value::Kind::kList:
      return list_repr(*value.as_list());
    case Value::Kind::kMap:
      return map_repr(*value.as_map());
    default:
      return python_str(value);
  }
}

std::string python_str(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "None";
    case Value::Kind::kBool:
      return *value.as_bool() ? "True" : "False";
    case Value::Kind::kInteger:
      return absl::StrCat(*value.as_integer());
    case Value::Kind::kDigits:
      return value.as_digits()->text;
    case Value::Kind::kReal:
      return short_double(*value.as_real());
    case Value::Kind::kText:
      return *value.as_text();
    default:
      return python_repr(value);
  }
}

std::string_view python_type(const Value& value) {
  constexpr std::array<std::string_view, 8> kNames = {"NoneType", "bool", "int",  "long",
                                                      "float",    "str",  "list", "dict"};
  return kNames[static_cast<std::size_t>(value.kind())];
}

}  // namespace metlog
