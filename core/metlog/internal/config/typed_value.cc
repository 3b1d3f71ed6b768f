#include "metlog/internal/config/typed_value.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/text/severity_names.h"

namespace metlog {
namespace {

bool is_from_default_section(const Value& value) {
  return value.origin() != nullptr && value.origin()->section == "DEFAULT";
}

/// The place of a map, as far as the origins of its keys have it.
std::string map_place(const ValueMap& dict) {
  for (const auto& [key, value] : dict) {
    if (value.origin() == nullptr || is_from_default_section(value)) continue;
    ValueOrigin origin = *value.origin();
    if (!origin.section.empty()) {
      origin.key.clear();
      origin.line = 0;
    } else if (const std::string last = member_path("x", key).substr(1);
               origin.key.size() > last.size() && origin.key.ends_with(last)) {
      origin.key.resize(origin.key.size() - last.size());
    } else {
      origin.key.clear();
    }
    return place_text(origin);
  }
  return "";
}

absl::StatusOr<const Value*> value_at(const ValueMap& dict, std::string_view key) {
  if (const Value* const value = dict.find(key); value != nullptr && !value->is_null()) {
    return value;
  }
  const std::string place = map_place(dict);
  if (place.empty()) return absl::NotFoundError(quote(key).append(" is missing"));
  return absl::NotFoundError(
      std::string(place).append(": ").append(quote(key)).append(" is missing"));
}

template <class T>
absl::StatusOr<T> or_else(const ValueMap& dict, std::string_view key, absl::StatusOr<T> found,
                          T fallback) {
  const Value* const given = dict.find(key);
  if (given == nullptr || given->is_null()) return fallback;
  return found;
}

std::string range_text(IntegerRange range) {
  if (range.min == INT64_MIN && range.max == INT64_MAX) return "takes a whole number";
  if (range.max == INT64_MAX) return absl::StrCat("takes a whole number, at least ", range.min);
  return absl::StrCat("takes a whole number from ", range.min, " to ", range.max);
}

/// Adds why a number from the environment is refused: there, every value is a string.
std::string with_hint(std::string what, const Value& value) {
  const bool is_from_environment =
      value.origin() != nullptr && !value.origin()->variables.empty() && value.as_text() != nullptr;
  return is_from_environment ? what.append("; the environment has only strings") : what;
}

absl::StatusOr<int> port_of(std::string_view key, const Value& value) {
  constexpr std::int64_t kMax = 65'535;
  std::int64_t port = 0;
  if (const std::int64_t* const integer = value.as_integer()) port = *integer;
  if (const std::string* const text = value.as_text(); text != nullptr && text->size() <= 5) {
    for (const char digit : *text) {
      if (digit < '0' || digit > '9') {
        port = 0;
        break;
      }
      port = port * 10 + (digit - '0');
    }
  }
  if (port >= 1 && port <= kMax) return static_cast<int>(port);
  return value_error(key, value, "takes a port, 1 to 65535");
}

}  // namespace

absl::StatusOr<std::string> text_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  if (const std::string* const text = (*value)->as_text()) return *text;
  return value_error(key, **value, "takes a string");
}

absl::StatusOr<std::int64_t> integer_at(const ValueMap& dict, std::string_view key,
                                        IntegerRange range) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  const std::int64_t* const integer = (*value)->as_integer();
  if (integer != nullptr && *integer >= range.min && *integer <= range.max) return *integer;
  return value_error(key, **value, with_hint(range_text(range), **value));
}

absl::StatusOr<double> real_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  if (const double* const real = (*value)->as_real()) return *real;
  if (const std::int64_t* const integer = (*value)->as_integer()) {
    return static_cast<double>(*integer);
  }
  return value_error(key, **value, with_hint("takes a number", **value));
}

absl::StatusOr<bool> bool_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  if (const bool* const truth = (*value)->as_bool()) return *truth;
  return value_error(key, **value, with_hint("takes true or false", **value));
}

absl::StatusOr<Severity> level_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  // INI reads `off` as a bool.
  if (**value == Value(false)) return kSeverityOff;
  const std::int64_t* const number = (*value)->as_integer();
  const std::string* const text = (*value)->as_text();
  const std::string word = number != nullptr ? std::to_string(*number)
                           : text != nullptr ? *text
                                             : "";
  if (const std::optional<Severity> level = parse_level(word)) return *level;
  const std::string_view near = nearest_level(word);
  return value_error(key, **value,
                     near.empty() ? "takes " + level_choices()
                                  : "is no level; did you mean " + std::string(near) + "?");
}

absl::StatusOr<ValueMap> map_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  if (const ValueMap* const map = (*value)->as_map()) return *map;
  return value_error(key, **value, "takes a map of keys and values");
}

absl::StatusOr<std::vector<std::string>> text_list_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  if (const std::string* const text = (*value)->as_text()) return std::vector{*text};
  const ValueList* const list = (*value)->as_list();
  if (list == nullptr) return value_error(key, **value, "takes a string or a list of strings");
  std::vector<std::string> texts;
  for (const Value& item : *list) {
    if (item.as_text() == nullptr) {
      return value_error(key, **value, "takes strings, and one of these is none");
    }
    texts.push_back(*item.as_text());
  }
  return texts;
}

absl::StatusOr<int> port_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  return port_of(key, **value);
}

absl::StatusOr<std::vector<int>> port_list_at(const ValueMap& dict, std::string_view key) {
  const absl::StatusOr<const Value*> value = value_at(dict, key);
  if (!value.ok()) return value.status();
  const ValueList single{**value};
  const ValueList* const list = (*value)->as_list();
  std::vector<int> ports;
  for (const Value& item : list == nullptr ? single : *list) {
    const absl::StatusOr<int> port = port_of(key, item);
    if (!port.ok()) {
      return value_error(key, **value, "takes a port, 1 to 65535, or a list of ports");
    }
    ports.push_back(*port);
  }
  return ports;
}

absl::StatusOr<std::string> text_or(const ValueMap& dict, std::string_view key,
                                    std::string_view fallback) {
  return or_else(dict, key, text_at(dict, key), std::string(fallback));
}
absl::StatusOr<std::int64_t> integer_or(const ValueMap& dict, std::string_view key,
                                        std::int64_t fallback, IntegerRange range) {
  return or_else(dict, key, integer_at(dict, key, range), fallback);
}
absl::StatusOr<double> real_or(const ValueMap& dict, std::string_view key, double fallback) {
  return or_else(dict, key, real_at(dict, key), fallback);
}
absl::StatusOr<bool> bool_or(const ValueMap& dict, std::string_view key, bool fallback) {
  return or_else(dict, key, bool_at(dict, key), fallback);
}
absl::StatusOr<ValueMap> map_or_empty(const ValueMap& dict, std::string_view key) {
  return or_else(dict, key, map_at(dict, key), ValueMap());
}
absl::StatusOr<std::vector<std::string>> text_list_or_empty(const ValueMap& dict,
                                                            std::string_view key) {
  return or_else(dict, key, text_list_at(dict, key), std::vector<std::string>());
}

absl::Status check_keys(const ValueMap& dict, const std::vector<std::string_view>& known) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (is_from_default_section(value) || value.is_null()) continue;
    std::string what =
        known.empty() ? "is unknown here; no key is taken" : "is unknown here; takes ";
    for (const std::string_view name : known) {
      what.append(name == known.front() ? "" : ", ").append(name);
    }
    return value_error(key, value, what);
  }
  return absl::OkStatus();
}

}  // namespace metlog
