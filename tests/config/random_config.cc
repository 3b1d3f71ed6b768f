#include "tests/config/random_config.h"

#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>

#include "metlog/internal/config/convert.h"
#include "metlog/internal/config/text.h"

namespace metlog {
namespace {

using std::string_view;

constexpr std::array<string_view, 19> kNames = {
    "a",        "B",       "c",       "sender",   "sender_x", "global_y", "sender_",
    "provider", "rem",     "x=",      "override", "__name__", "[x",       "[]",
    "a b",      "filters", "plugins", "key%",     "\xC3\xA9"};
constexpr std::array<string_view, 9> kSections = {
    "metlog",  "metlog", "metlog_filter_a", "metlog_filterB", "metlog_plugin_a",
    "DEFAULT", "other",  "Metlog",          "metlog_plugin"};
constexpr std::array<string_view, 36> kFragments = {
    "1",        "-7",           "007",  "x",    "yes",   "Off",  " ",       "\t",
    ";",        "; c",          " ;c",  "#",    "%",     "%%",   "%(a)s",   "%(B)s",
    "%(c)s",    "%(a",          "%()s", "${H}", "${NO}", "\"\"", "\"",      "=",
    ":",        "\r",           "\v",   "\f",   "\xFF",  "é",    "[other]", "12345678901234567890",
    "%(nope)s", "%(__name__)s", "]",    "1.5"};
constexpr std::array<string_view, 6> kSeparators = {"=", " = ", ":", ": ", "\t=", " :\t"};
constexpr std::array<string_view, 4> kIndents = {" ", "\t", "    ", "\f"};
constexpr std::array<string_view, 6> kNoise = {"# a = 1", "", "   ", "; [metlog]", "rem x", "#"};
constexpr std::array<string_view, 4> kTrue = {"true", "T", "on", "Yes"};
constexpr std::array<string_view, 4> kFalse = {"false", "f", "OFF", "no"};

bool is_cut(string_view text) {
  const std::size_t at = text.find(';');
  return at != string_view::npos && at != 0 && is_ini_whitespace(text[at - 1]);
}

/// Whether an option's first line can say this text; a lone CR ends a line.
bool is_expressible(const std::string& text) {
  if (text.find('\r') != std::string::npos) return false;
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  const absl::StatusOr<Value> value = convert(text, nothing);
  return value.ok() && *value == Value(text) && !is_cut(text) && text != "\"\"" && !text.empty();
}

std::string with_doubled_percents(string_view text) {
  std::string doubled;
  for (const char byte : text) doubled.append(byte == '%' ? 2 : 1, byte);
  return doubled;
}

}  // namespace

std::string RandomConfig::fragments(int most) {
  std::string text;
  for (int i = below(most + 1); i > 0; --i) text += one_of(kFragments);
  return text;
}

std::string RandomConfig::soup_line() {
  const int kind = below(100);
  if (kind < 12) return std::string("[").append(one_of(kSections)).append("]").append(fragments(1));
  if (kind < 30) return std::string(one_of(kIndents)).append(fragments(3));
  if (kind < 40) return noise();
  if (kind < 42) return fragments(3);
  return std::string(one_of(kNames)).append(one_of(kSeparators)).append(fragments(3));
}

std::string RandomConfig::ini_soup() {
  const string_view end = chance(70) ? "\n" : "\r\n";
  std::string text = chance(95) ? "[metlog]\n" : "";
  for (int i = below(10); i > 0; --i) text.append(soup_line()).append(end);
  return text;
}

std::string RandomConfig::noise() { return std::string(one_of(kNoise)); }

Value RandomConfig::integer() {
  const auto bits = static_cast<std::int64_t>(random_()) >> below(64);
  if (!chance(10)) return bits;
  return Digits{std::string(chance(50) ? "-" : "").append("98765432109876543210")};
}

Value RandomConfig::plain_text() {
  std::string text;
  do {
    text = trim(fragments(4));
  } while (!is_expressible(text));
  return text;
}

Value RandomConfig::scalar() {
  if (chance(30)) return integer();
  if (chance(30)) return chance(50);
  return plain_text();
}

ValueMap RandomConfig::expressible_dict() {
  ValueMap dict;
  for (int i = below(8); i > 0; --i) {
    const std::string key = std::string(1, 'k').append(std::to_string(below(1000)));
    if (chance(70)) {
      dict.set(key, scalar());
      continue;
    }
    ValueList list;
    for (int n = 1 + below(4); n > 0; --n) list.push_back(scalar());
    dict.set(key, std::move(list));
  }
  return dict;
}

std::string RandomConfig::written(const Value& scalar) {
  if (const std::string* const text = scalar.as_text()) return with_doubled_percents(*text);
  if (const bool* const truth = scalar.as_bool())
    return std::string(one_of(*truth ? kTrue : kFalse));
  if (const Digits* const digits = scalar.as_digits()) return digits->text;
  return std::to_string(*scalar.as_integer());
}

std::string RandomConfig::option_text(const std::string& key, const Value& value) {
  std::string text = key;
  if (chance(20)) text[0] = 'K';
  text += one_of(kSeparators);
  if (const ValueList* const list = value.as_list()) {
    for (const Value& item : *list) {
      text.append("\n").append(chance(20) ? noise().append("\n") : "");
      text.append(one_of(kIndents)).append(written(item));
    }
    return text;
  }
  const std::string line = written(value);
  const bool has_comment = chance(20) && line.find(';') == std::string::npos;
  return text.append(line).append(has_comment ? " ; a comment" : "");
}

std::string RandomConfig::ini_of(const ValueMap& dict) {
  std::string text = "[metlog] any\n";
  for (const auto& [key, value] : dict) {
    if (chance(20)) text.append(key).append(" = replaced\n  below\n");
    text.append(option_text(key, value)).append(chance(20) ? "\r\n" : "\n");
    if (chance(30)) text.append(noise()).append("\n");
    if (chance(5)) text += "[other]\nx = 1\n[metlog]\n";
  }
  return text;
}

Value RandomConfig::json_value(int depth) {
  const int kind = below(depth < 4 ? 8 : 6);
  if (kind == 0) return nullptr;
  if (kind == 1) return chance(50);
  if (kind == 2) return integer();
  if (kind == 3) {
    double real = 0;
    const std::uint64_t bits = random_();
    std::memcpy(&real, &bits, sizeof real);
    return std::isfinite(real) ? real : 0.5;
  }
  if (kind < 6) {
    std::string text = fragments(4);
    for (char& byte : text) {
      if (static_cast<unsigned char>(byte) == 0xFF) byte = '\x01';
    }
    return text;
  }
  if (kind == 6) {
    ValueList list;
    for (int i = below(4); i > 0; --i) list.push_back(json_value(depth + 1));
    return list;
  }
  ValueMap map;
  for (int i = below(4); i > 0; --i) map.set(std::to_string(below(10)), json_value(depth + 1));
  return map;
}

}  // namespace metlog
