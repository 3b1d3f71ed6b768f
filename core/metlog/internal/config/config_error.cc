#include "metlog/internal/config/config_error.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

/// True for the origin of a section's header, which has no value.
bool is_header(const ValueOrigin& origin) { return !origin.section.empty() && origin.key.empty(); }

/// True when the value was written in another form than it is shown.
bool was_replaced(const ValueOrigin& origin) {
  return origin.is_interpolated || !origin.variables.empty();
}

}  // namespace

std::string place_text(const ValueOrigin& origin) {
  std::string text = line_text(origin.file);
  if (origin.line != 0) absl::StrAppend(&text, ":", origin.line);
  const auto append_word = [&text](const std::string& word, std::string_view separator) {
    if (word.empty()) return;
    if (!text.empty()) text.append(separator);
    text.append(word);
  };
  if (!origin.section.empty())
    append_word(quote_excerpt(absl::StrCat("[", origin.section, "]")), ": ");
  append_word(quote_excerpt(origin.key), origin.section.empty() ? ": " : " ");
  return text;
}

absl::Status value_error(std::string_view key, const Value& value, std::string_view what) {
  const ValueOrigin* const origin = value.origin();
  std::string message = origin != nullptr ? place_text(*origin) : quote_excerpt(key);
  if (origin == nullptr || !is_header(*origin))
    message.append(" = ").append(quote_excerpt(to_json(value)));
  if (origin != nullptr && was_replaced(*origin)) {
    message.append(", from ").append(quote(origin->written));
  }
  return absl::InvalidArgumentError(message.append(": ").append(what));
}

namespace {

bool is_word(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char byte) {
    return byte == '_' || byte == '-' || (byte >= '0' && byte <= '9') ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  });
}

void name_path(Value& value, const std::string& path) {
  if (value.origin() == nullptr) {
    ValueOrigin origin;
    origin.key = path;
    value.set_origin(std::make_shared<const ValueOrigin>(std::move(origin)));
  }
  if (ValueMap* const map = value.as_map(); map != nullptr) {
    for (const auto& [key, ignored] : *map) name_path(*map->find(key), member_path(path, key));
  }
  if (ValueList* const list = value.as_list(); list != nullptr) {
    for (std::size_t i = 0; i < list->size(); ++i) name_path((*list)[i], item_path(path, i));
  }
}

}  // namespace

std::string member_path(std::string_view map, std::string_view key) {
  std::string path(map);
  if (!is_word(key)) return path.append("[\"").append(json_text(key)).append("\"]");
  return path.append(map.empty() ? "" : ".").append(key);
}

std::string item_path(std::string_view list, std::size_t index) {
  return std::string(list).append("[").append(std::to_string(index)).append("]");
}

void name_paths(ValueMap& dict) {
  for (const auto& [key, ignored] : dict) name_path(*dict.find(key), member_path("", key));
}

namespace {

constexpr std::array<std::string_view, 19> kKeys = {
    "logger",           "severity",       "disabled_timers",
    "filters",          "plugins",        "sender",
    "global",           "engine",         "when_full",
    "stamped_by",       "min_severity",   "timer_resolution",
    "pool_size",        "batch_bytes",    "batch_count",
    "grow_limit_bytes", "close_limit_ms", "stats_interval_ms",
    "destinations"};
constexpr std::array<std::string_view, 6> kFormatKeys = {"format", "pattern", "time",
                                                         "color",  "add",     "numbers"};
constexpr std::array<std::string_view, 3> kPrefixes = {"sender_", "global_", "engine_"};

bool is_known(std::string_view key) {
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end() ||
         std::find(kFormatKeys.begin(), kFormatKeys.end(), key) != kFormatKeys.end() ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(), [key](std::string_view prefix) {
           return key.substr(0, prefix.size()) == prefix;
         });
}

}  // namespace

std::vector<std::string> unknown_keys(const ValueMap& dict) {
  std::vector<std::string> keys;
  for (const auto& [key, ignored] : dict) {
    if (!is_known(key)) keys.push_back(key);
  }
  return keys;
}

}  // namespace metlog
