#include "metlog/internal/config/json_writer.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

constexpr std::size_t kLineLength = 80;  // of a list or map that stays on one line

/// Writes lists and maps with one item per line where they are long.
class ReadableJson {
 public:
  /// `depth` is the number of lists and maps around the value.
  static std::string text_of(const Value& value, std::size_t depth) {
    if (const ValueMap* const map = value.as_map()) return map_text(*map, depth);
    if (const ValueList* const list = value.as_list()) return list_text(*list, depth);
    return to_json(value);
  }

 private:
  static std::string map_text(const ValueMap& map, std::size_t depth) {
    std::vector<std::string> members;
    bool is_flat = true;
    for (const auto& [key, value] : map) {
      is_flat = is_flat && is_scalar(value);
      members.push_back(absl::StrCat("\"", json_text(key), "\": ", text_of(value, depth + 1)));
    }
    return enclosed('{', members, '}', is_flat, depth);
  }

  static std::string list_text(const ValueList& list, std::size_t depth) {
    std::vector<std::string> items;
    bool is_flat = true;
    for (const Value& value : list) {
      is_flat = is_flat && is_scalar(value);
      items.push_back(text_of(value, depth + 1));
    }
    return enclosed('[', items, ']', is_flat, depth);
  }

  static bool is_scalar(const Value& value) {
    return value.as_map() == nullptr && value.as_list() == nullptr;
  }

  static std::string enclosed(char open, const std::vector<std::string>& parts, char close,
                              bool is_flat, std::size_t depth) {
    const std::string line =
        absl::StrCat(std::string(1, open), joined(parts, ", "), std::string(1, close));
    const bool is_long = !is_flat || line.size() > kLineLength;
    if (parts.empty() || !is_long) return line;
    const std::string newline = absl::StrCat("\n", std::string(2 * depth, ' '));
    return absl::StrCat(std::string(1, open), newline, "  ",
                        joined(parts, absl::StrCat(",", newline, "  ")), newline,
                        std::string(1, close));
  }

  static std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) {
      text.append(&part == &parts.front() ? "" : separator).append(part);
    }
    return text;
  }
};

}  // namespace

std::string to_json(const Value& value) {
  std::string text;
  append_value_json(text, value);
  return text;
}

std::string to_json(const ValueMap& map) {
  std::string text;
  append_value_json(text, map);
  return text;
}

std::string to_readable_json(const Value& value) { return ReadableJson::text_of(value, 0); }

}  // namespace metlog
