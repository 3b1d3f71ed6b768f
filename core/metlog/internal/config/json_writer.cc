#include "metlog/internal/config/json_writer.h"

#include <array>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

constexpr std::size_t kLineLength = 80;  // of a list or map that stays on one line

std::string quoted_json(std::string_view text) {
  return std::string(1, '"').append(json_text(text)).append(1, '"');
}

std::string scalar_json(const Value& value) {
  std::array<char, kMaxRealBytes> room{};
  if (const bool* const truth = value.as_bool()) return *truth ? "true" : "false";
  if (const Digits* const digits = value.as_digits()) return digits->text;
  if (const std::string* const text = value.as_text()) return quoted_json(*text);
  if (const std::int64_t* const integer = value.as_integer()) {
    return {room.data(), append_integer(room.data(), *integer)};
  }
  if (const double* const real = value.as_real()) {
    return {room.data(), append_json_real(room.data(), *real)};
  }
  return "null";
}

/// Lists and maps with what stands between their items.
class JsonWriter {
 public:
  /// `depth` is how far it is indented when it is to be readable; negative for compact.
  static std::string text_of(const Value& value, int depth) {
    if (const ValueMap* const map = value.as_map()) return map_text(*map, depth);
    if (const ValueList* const list = value.as_list()) return list_text(*list, depth);
    return scalar_json(value);
  }

  static std::string map_text(const ValueMap& map, int depth) {
    std::vector<std::string> members;
    bool is_flat = true;
    for (const auto& [key, value] : map) {
      is_flat = is_flat && is_scalar(value);
      members.push_back(quoted_json(key).append(depth < 0 ? ":" : ": "));
      members.back().append(text_of(value, deeper(depth)));
    }
    return enclosed('{', members, '}', is_flat, depth);
  }

 private:
  static std::string list_text(const ValueList& list, int depth) {
    std::vector<std::string> items;
    bool is_flat = true;
    for (const Value& value : list) {
      is_flat = is_flat && is_scalar(value);
      items.push_back(text_of(value, deeper(depth)));
    }
    return enclosed('[', items, ']', is_flat, depth);
  }

  static bool is_scalar(const Value& value) {
    return value.as_map() == nullptr && value.as_list() == nullptr;
  }

  static int deeper(int depth) { return depth < 0 ? depth : depth + 1; }

  static std::string enclosed(char open, const std::vector<std::string>& parts, char close,
                              bool is_flat, int depth) {
    std::string line = joined(open, parts, depth < 0 ? "," : ", ", "", close);
    const bool is_long = !is_flat || line.size() > kLineLength;
    if (depth < 0 || parts.empty() || !is_long) return line;
    const std::string before =
        std::string(1, '\n').append(2 * static_cast<std::size_t>(depth), ' ');
    const std::string before_part = before + "  ";
    return joined(open, parts, std::string(1, ',').append(before_part), before, close, before_part);
  }

  static std::string joined(char open, const std::vector<std::string>& parts,
                            std::string_view separator, std::string_view last, char close,
                            std::string_view first = "") {
    std::string text(1, open);
    text.append(first);
    for (const std::string& part : parts) {
      text.append(&part == &parts.front() ? "" : separator).append(part);
    }
    return text.append(last).append(1, close);
  }
};

}  // namespace

std::string to_json(const Value& value) { return JsonWriter::text_of(value, -1); }
std::string to_json(const ValueMap& map) { return JsonWriter::map_text(map, -1); }
std::string to_readable_json(const Value& value) { return JsonWriter::text_of(value, 0); }

}  // namespace metlog
