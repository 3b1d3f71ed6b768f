#include "tools/router/config/config_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "metlog/internal/base/utf8.h"

namespace metlog {

std::string place_text(const ConfigPlace& place) {
  if (place.source == nullptr) return "";
  if (place.line == 0) return place.source->name;
  return fmt::format("{}:{}:{}", place.source->name, place.line, place.column);
}

ConfigValue ConfigValue::of_text(std::string text, ConfigPlace place) {
  ConfigValue value;
  value.kind = Kind::kText;
  value.place = std::move(place);
  value.written = '"' + text + '"';
  value.text = std::move(text);
  return value;
}

ConfigValue ConfigValue::of_integer(std::int64_t integer, ConfigPlace place) {
  ConfigValue value;
  value.kind = Kind::kInteger;
  value.place = std::move(place);
  value.integer = integer;
  value.number = static_cast<double>(integer);
  value.written = std::to_string(integer);
  return value;
}

ConfigValue ConfigValue::of_flag(bool flag, ConfigPlace place) {
  ConfigValue value;
  value.kind = Kind::kFlag;
  value.place = std::move(place);
  value.flag = flag;
  value.written = flag ? "true" : "false";
  return value;
}

ConfigValue ConfigValue::table(ConfigPlace place) {
  ConfigValue value;
  value.place = std::move(place);
  return value;
}

const ConfigValue* ConfigValue::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const ConfigMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

ConfigValue* ConfigValue::find(std::string_view key) {
  return const_cast<ConfigValue*>(std::as_const(*this).find(key));
}

ConfigValue& ConfigValue::add(std::string key, ConfigValue value) {
  ConfigPlace key_place = value.place;
  members.push_back({std::move(key), std::move(key_place), std::move(value)});
  return members.back().value;
}

std::string identity_of(const ConfigValue& value) {
  std::string parts;
  switch (value.kind) {
    case ConfigValue::Kind::kText:
      return fmt::format("{}:{}", value.text.size(), value.text);
    case ConfigValue::Kind::kList:
      for (const ConfigValue& item : value.items) parts += identity_of(item) + ',';
      return '[' + parts + ']';
    case ConfigValue::Kind::kTable: {
      std::vector<const ConfigMember*> sorted;
      for (const ConfigMember& member : value.members) sorted.push_back(&member);
      std::sort(sorted.begin(), sorted.end(),
                [](const auto* a, const auto* b) { return a->key < b->key; });
      for (const ConfigMember* member : sorted) {
        parts +=
            fmt::format("{}:{}={};", member->key.size(), member->key, identity_of(member->value));
      }
      return '{' + parts + '}';
    }
    default:
      return value.written;
  }
}

namespace {

/// Walks through a string of TOML as it is written, from its opening quote on.
class WrittenString {
 public:
  WrittenString(std::string_view source, ConfigPlace place)
      : rest_(source), place_(std::move(place)) {
    for (std::uint32_t line = 1; line < place_.line; ++line) {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size() - 1) + 1);
    }
    const std::uint32_t column = std::exchange(place_.column, 1);
    while (place_.column < column && !rest_.empty()) step();
  }

  /// Goes to byte `offset` of the text; false when there is no string here, or a shorter one.
  bool go_to(std::size_t offset) {
    if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
    const bool has_escapes = rest_.front() == '"';
    const bool is_long = rest_.starts_with("\"\"\"") || rest_.starts_with("'''");
    for (int i = 0; i < (is_long ? 3 : 1); ++i) step();
    if (is_long && rest_.starts_with('\r')) step();
    if (is_long && rest_.starts_with('\n')) step();
    std::size_t at = 0;
    while (!rest_.empty()) {
      if (has_escapes && rest_.front() == '\\' && is_line_end(rest_.substr(1))) {
        step();
        while (!rest_.empty() && is_blank(rest_.front())) step();
        continue;
      }
      if (at >= offset) return true;
      at += has_escapes && rest_.front() == '\\' ? skip_escape() : step();
    }
    return false;
  }
  [[nodiscard]] const ConfigPlace& place() const { return place_; }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  /// True for blanks up to the end of a line: a backslash before them joins lines.
  static bool is_line_end(std::string_view text) {
    const std::size_t end = text.find_first_not_of(" \t\r");
    return end != std::string_view::npos && text[end] == '\n';
  }

  /// Passes one character; returns its bytes.
  std::size_t step() {
    const std::size_t bytes =
        std::clamp<std::size_t>(first_utf8_sequence(rest_).bytes, 1, rest_.size());
    if (rest_.front() == '\n') {
      ++place_.line;
      place_.column = 0;
    }
    ++place_.column;
    rest_.remove_prefix(bytes);
    return bytes;
  }

  /// Passes an escape; returns the bytes of what it stands for.
  std::size_t skip_escape() {
    const char kind = rest_.size() > 1 ? rest_[1] : 'n';
    const std::size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < 2 + digits && !rest_.empty(); ++i) {
      const char c = rest_.front();
      if (i >= 2)
        code = code * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
      step();
    }
    if (digits == 0 || code < 0x80) return 1;
    return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }

  std::string_view rest_;
  ConfigPlace place_;
};

}  // namespace

ConfigPlace place_in_text(const ConfigValue& value, std::size_t offset) {
  const bool is_replaced = value.written != '"' + value.text + '"';
  if (value.place.source == nullptr || value.place.line == 0 || is_replaced) return value.place;
  WrittenString string(value.place.source->text, value.place);
  return string.go_to(offset) ? string.place() : value.place;
}

}  // namespace metlog
