#include "metlog/internal/config/nest_prefixes.h"

#include <string>
#include <utility>

#include "metlog/internal/config/config_error.h"

namespace metlog {
namespace {

/// The keys `<beginning><rest>` as `<rest>`.
ValueMap keys_behind(const ValueMap& dict, const std::string& beginning) {
  ValueMap nested;
  for (const auto& [key, value] : dict) {
    if (std::string_view(key).substr(0, beginning.size()) == beginning) {
      nested.set(std::string_view(key).substr(beginning.size()), value);
    }
  }
  return nested;
}

}  // namespace

absl::Status nest_prefixes(ValueMap& dict, const std::vector<std::string_view>& prefixes,
                           std::string_view separator) {
  ValueMap result = dict;
  for (const std::string_view prefix : prefixes) {
    const std::string beginning = std::string(prefix).append(separator);
    const ValueMap nested = keys_behind(dict, beginning);
    if (nested.empty()) continue;
    Value* known = result.find(prefix);
    if (known == nullptr) known = &result.set(prefix, ValueMap());
    if (known->as_map() == nullptr) {
      return value_error(prefix, *known,
                         std::string("is no map, but ")
                             .append(beginning)
                             .append(nested.begin()->key)
                             .append(" is there too; keep one of them"));
    }
    for (const auto& [key, value] : nested) known->as_map()->set(key, value);
  }
  dict = std::move(result);
  return absl::OkStatus();
}

}  // namespace metlog
