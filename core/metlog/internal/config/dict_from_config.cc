#include "metlog/internal/config/dict_from_config.h"

#include <istream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/dict_from_ini.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/text.h"

namespace metlog {
namespace {

/// The entries with keys `<beginning><rest>`, as `<rest>`; without those that are null.
ValueMap keys_after(const ValueMap& dict, const std::string& beginning) {
  ValueMap nested;
  for (const auto& [key, value] : dict) {
    if (key.starts_with(beginning) && !value.is_null()) {
      nested.set(std::string_view(key).substr(beginning.size()), value);
    }
  }
  return nested;
}

absl::StatusOr<ValueMap> nested(absl::StatusOr<ValueMap> dict) {
  if (!dict.ok()) return dict;
  if (absl::Status status = nest_prefixes(*dict, nested_prefixes()); !status.ok()) return status;
  return dict;
}

absl::StatusOr<ValueMap> dict_from(std::string_view text, std::string_view section,
                                   const std::string& name, const Environment& environment) {
  const absl::StatusOr<IniDocument> document = IniDocument::parse(text, name);
  if (!document.ok()) return document.status();
  return nested(dict_from_ini(*document, section, environment));
}

std::string name_or(const ConfigReading& reading, std::string_view fallback) {
  return reading.name.empty() ? std::string(fallback) : reading.name;
}

bool is_json(const std::string& path, std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (path.ends_with(".json")) return true;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return trim_left(text).starts_with('{');
}

}  // namespace

absl::StatusOr<ValueMap> dict_from_text_config(std::string_view text, std::string_view section,
                                               const ConfigReading& reading) {
  return dict_from(dedent(text), section, name_or(reading, "<text>"), reading.environment);
}

absl::StatusOr<ValueMap> dict_from_stream_config(std::istream& stream, std::string_view section,
                                                 const ConfigReading& reading) {
  const std::string name = name_or(reading, "<stream>");
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) return absl::UnavailableError(std::string("cannot read ").append(name));
  return dict_from(text, section, name, reading.environment);
}

absl::StatusOr<ValueMap> dict_from_file_config(const std::string& path, std::string_view section,
                                               const ConfigReading& reading) {
  const absl::StatusOr<std::string> text = file_text(path);
  if (!text.ok()) return text.status();
  ConfigReading named = reading;
  named.name = name_or(reading, path);
  if (is_json(path, *text)) return dict_from_json_config(*text, named);
  return dict_from(*text, section, named.name, reading.environment);
}

absl::StatusOr<ValueMap> dict_from_json_config(std::string_view text,
                                               const ConfigReading& reading) {
  absl::StatusOr<Value> value = parse_json(text, name_or(reading, "<text>"));
  if (!value.ok()) return value.status();
  if (value->as_map() == nullptr) {
    return value_error("the configuration", *value, "a configuration is one JSON object, {...}");
  }
  return nested(std::move(*value->as_map()));
}

absl::Status nest_prefixes(ValueMap& dict, const std::vector<std::string_view>& prefixes,
                           std::string_view separator) {
  ValueMap result = dict;
  for (const std::string_view prefix : prefixes) {
    const std::string beginning = std::string(prefix).append(separator);
    const ValueMap nested = keys_after(dict, beginning);
    if (nested.empty()) continue;
    Value* known = result.find(prefix);
    if (known == nullptr || known->is_null()) known = &result.set(prefix, ValueMap());
    if (known->as_map() == nullptr) {
      return value_error(prefix, *known,
                         std::string("is not a map, but ")
                             .append(beginning)
                             .append(nested.begin()->key)
                             .append(" is given too; keep one of them"));
    }
    for (const auto& [key, value] : nested) known->as_map()->set(key, value);
  }
  dict = std::move(result);
  return absl::OkStatus();
}

}  // namespace metlog
