#include "tools/router/config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "metlog/internal/text/nearest_name.h"
#include "metlog/internal/text/quantity.h"

namespace metlog {
namespace {

using Kind = ConfigValue::Kind;

constexpr std::size_t kLongestShown = 80;  // bytes of a value in a message

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"a text",        "a whole number", "a number",
                                                      "true or false", "a date or time", "a list",
                                                      "a table"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// The value as a message shows it.
std::string shown(const ConfigValue& value) {
  if (value.kind == Kind::kTable || value.kind == Kind::kList) {
    return std::string(name_of(value.kind));
  }
  if (value.written.size() <= kLongestShown) return value.written;
  return value.written.substr(0, kLongestShown) + "...";
}

std::string quoted_list(std::span<const std::string_view> names) {
  std::string list;
  for (const std::string_view name : names) {
    list.append(list.empty() ? "" : ", ").append(name);
  }
  return list;
}

}  // namespace

std::string did_you_mean(std::string_view text, std::span<const std::string_view> names) {
  const std::string_view near = nearest_name(text, names);
  return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

Settings::Settings(std::string path, const ConfigValue& table, ConfigErrors& errors)
    : path_(std::move(path)), table_(table), errors_(errors) {}

std::string Settings::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const ConfigValue* Settings::find(std::string_view key) {
  if (std::find(asked_for_.begin(), asked_for_.end(), key) == asked_for_.end()) {
    asked_for_.emplace_back(key);
  }
  return table_.find(key);
}

const ConfigValue* Settings::find(std::string_view key, Kind kind, std::string_view takes) {
  const ConfigValue* const value = find(key);
  if (value == nullptr || value->kind == kind) return value;
  refuse(key, fmt::format("is {}; it takes {}", name_of(value->kind), takes));
  return nullptr;
}

bool Settings::has(std::string_view key) { return find(key) != nullptr; }

bool Settings::is_table(std::string_view key) {
  const ConfigValue* const value = find(key);
  return value != nullptr && value->kind == Kind::kTable;
}

bool Settings::is_empty_list(std::string_view key) {
  const ConfigValue* const value = find(key);
  return value != nullptr && value->kind == Kind::kList && value->items.empty();
}

std::vector<std::string> Settings::keys() const {
  std::vector<std::string> keys;
  for (const ConfigMember& member : table_.members) keys.push_back(member.key);
  return keys;
}

std::string Settings::identity(std::string_view without) const {
  if (table_.find(without) == nullptr) return identity_of(table_);
  ConfigValue rest = table_;
  std::erase_if(rest.members, [=](const ConfigMember& member) { return member.key == without; });
  return identity_of(rest);
}

std::string Settings::text(std::string_view key, std::string_view preset) {
  const ConfigValue* const value = find(key, Kind::kText, "a text in quotes");
  return value == nullptr ? std::string(preset) : value->text;
}

std::string Settings::required_text(std::string_view key, std::string_view example) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) {
    miss(key, fmt::format("\"{}\"", example));
  } else if (value->kind == Kind::kText && value->text.empty()) {
    refuse(key, fmt::format("is empty; write {} = \"{}\"", key, example));
  }
  return text(key);
}

std::vector<std::string> Settings::texts(std::string_view key) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return {};
  if (value->kind == Kind::kText) return {value->text};
  std::vector<std::string> texts;
  if (value->kind != Kind::kList) {
    refuse(key, "is no list; it takes texts, as [\"a\", \"b\"]");
    return {};
  }
  for (const ConfigValue& item : value->items) {
    if (item.kind == Kind::kText) {
      texts.push_back(item.text);
    } else {
      errors_.add(
          item.place, path_of(key),
          fmt::format("{} is {}; the list takes texts in quotes", shown(item), name_of(item.kind)));
    }
  }
  return texts;
}

std::vector<std::int64_t> Settings::integers(std::string_view key, const IntegerRange& range) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return {range.preset};
  if (value->kind != Kind::kList) return {integer(key, range)};
  std::vector<std::int64_t> integers;
  for (const ConfigValue& item : value->items) {
    if (item.kind == Kind::kInteger && item.integer >= range.min && item.integer <= range.max) {
      integers.push_back(item.integer);
    } else {
      errors_.add(
          item.place, path_of(key),
          fmt::format("{} is no whole number from {} to {}", shown(item), range.min, range.max));
    }
  }
  return integers;
}

std::int64_t Settings::integer(std::string_view key, const IntegerRange& range) {
  const ConfigValue* const value = find(key, Kind::kInteger, "a whole number");
  if (value == nullptr) return range.preset;
  if (value->integer >= range.min && value->integer <= range.max) return value->integer;
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  refuse(key, range.max == kNoLimit
                  ? fmt::format("is too small; it takes {} or more", range.min)
                  : fmt::format("is out of its range; it takes {} to {}", range.min, range.max));
  return range.preset;
}

double Settings::number(std::string_view key, const NumberRange& range) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return range.preset;
  const bool is_number = value->kind == Kind::kNumber || value->kind == Kind::kInteger;
  // NaN is in no range.
  if (is_number && value->number >= range.min && value->number <= range.max) return value->number;
  refuse(key, fmt::format("is not a number from {} to {}", range.min, range.max));
  return range.preset;
}

std::vector<double> Settings::numbers(std::string_view key, const NumberRange& range,
                                      std::vector<double> preset) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return preset;
  if (value->kind != Kind::kList) return {number(key, range)};
  std::vector<double> numbers;
  for (const ConfigValue& item : value->items) {
    const bool is_number = item.kind == Kind::kNumber || item.kind == Kind::kInteger;
    if (is_number && item.number >= range.min && item.number <= range.max) {
      numbers.push_back(item.number);
    } else {
      errors_.add(
          item.place, path_of(key),
          fmt::format("{} is not a number from {} to {}", shown(item), range.min, range.max));
    }
  }
  return numbers;
}

std::size_t Settings::bytes(std::string_view key, const ByteRange& range) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return range.preset;
  std::optional<std::size_t> bytes;
  if (value->kind == Kind::kText) bytes = parse_bytes(value->text);
  if (value->kind == Kind::kInteger && value->integer >= 0) {
    bytes = static_cast<std::size_t>(value->integer);
  }
  if (bytes && *bytes >= range.min && *bytes <= range.max) return *bytes;
  refuse(key, fmt::format("{}; it takes {} to {}, such as \"{}\"",
                          bytes ? "is out of its range" : "is not a number of bytes",
                          bytes_text(range.min), bytes_text(range.max), bytes_text(range.preset)));
  return range.preset;
}

std::chrono::nanoseconds Settings::duration(std::string_view key, const DurationRange& range) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return range.preset;
  std::optional<std::chrono::nanoseconds> duration;
  if (value->kind == Kind::kText) duration = parse_duration(value->text);
  if (value->kind == Kind::kInteger && value->integer == 0) duration = std::chrono::nanoseconds(0);
  if (duration && *duration >= range.min && *duration <= range.max) return *duration;
  refuse(key, fmt::format("{}; it takes {} to {}, such as \"{}\"",
                          duration ? "is out of its range"
                          : value->kind == Kind::kText || value->kind == Kind::kTable
                              ? "is not a duration with its unit"
                              : "has no unit",
                          duration_text(range.min), duration_text(range.max),
                          duration_text(range.preset.count() == 0 ? range.max : range.preset)));
  return range.preset;
}

bool Settings::flag(std::string_view key, bool preset) {
  const ConfigValue* const value = find(key, Kind::kFlag, "true or false, without quotes");
  return value == nullptr ? preset : value->flag;
}

std::size_t Settings::choose(std::string_view key, std::span<const std::string_view> names) {
  const std::string takes = "one of " + quoted_list(names) + ", in quotes";
  const ConfigValue* const value = find(key, Kind::kText, takes);
  if (value == nullptr) return kNone;
  const auto found = std::find(names.begin(), names.end(), value->text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  refuse(key, fmt::format("is none of {}{}", quoted_list(names), did_you_mean(value->text, names)));
  return kNone;
}

std::map<std::string, std::string> Settings::text_map(std::string_view key) {
  std::map<std::string, std::string> map;
  const ConfigValue* const value = find(key, Kind::kTable, "a table of texts");
  if (value == nullptr) return map;
  for (const ConfigMember& member : value->members) {
    if (member.value.kind == Kind::kText) {
      map.emplace(member.key, member.value.text);
    } else {
      errors_.add(member.value.place, path_of(key) + '.' + member.key,
                  fmt::format("{} is {}; it takes a text in quotes", shown(member.value),
                              name_of(member.value.kind)));
    }
  }
  return map;
}

Settings* Settings::table(std::string_view key) {
  const ConfigValue* const value = find(key, Kind::kTable, "a table");
  if (value == nullptr) return nullptr;
  auto& settings = tables_[std::string(key)];
  if (settings == nullptr) settings = std::make_unique<Settings>(path_of(key), *value, errors_);
  return settings.get();
}

void Settings::refuse(std::string_view key, std::string_view what) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return miss(key, "...");
  errors_.add(value->place, path_of(key), fmt::format("{} {}", shown(*value), what));
}

void Settings::refuse_at(std::string_view key, std::size_t offset, std::string_view what) {
  const ConfigValue* const value = find(key);
  if (value == nullptr) return miss(key, "...");
  errors_.add(place_in_text(*value, offset), path_of(key), what);
}

void Settings::miss(std::string_view key, std::string_view example) {
  find(key);
  errors_.add(table_.place, path_of(key), fmt::format("is missing; write {} = {}", key, example));
}

void Settings::note(std::string_view key, std::string_view what) {
  const ConfigValue* const value = find(key);
  errors_.add_note(value == nullptr ? table_.place : value->place, path_of(key), what);
}

void Settings::finish() {
  if (is_unchecked_) return;
  const std::vector<std::string_view> known(asked_for_.begin(), asked_for_.end());
  for (const ConfigMember& member : table_.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    std::string what = "there is no such key";
    const std::string near = did_you_mean(member.key, known);
    what += near.empty() ? "; known here are " + quoted_list(known) : near;
    errors_.add(member.key_place, path_of(member.key), what);
  }
  for (const auto& [key, settings] : tables_) settings->finish();
}

}  // namespace metlog
