// The reference's filters by name: what their parameters say.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

using Made = absl::StatusOr<Filter>;

absl::StatusOr<std::int64_t> severity_in(const ValueMap& parameters) {
  if (absl::Status status = check_keys(parameters, {"severity"}); !status.ok()) return status;
  return integer_at(parameters, "severity");
}

absl::StatusOr<std::set<std::string, std::less<>>> types_in(const ValueMap& parameters) {
  if (absl::Status status = check_keys(parameters, {"types"}); !status.ok()) return status;
  if (!parameters.contains("types")) return absl::NotFoundError("lacks 'types'; it takes a list");
  absl::StatusOr<std::vector<std::string>> types = text_list_or_empty(parameters, "types");
  if (!types.ok()) return types.status();
  return std::set<std::string, std::less<>>(types->begin(), types->end());
}

Made make_severity_max(const ValueMap& parameters) {
  const auto severity = severity_in(parameters);
  if (!severity.ok()) return severity.status();
  return severity_max(*severity);
}

Made make_type_blacklist(const ValueMap& parameters) {
  auto types = types_in(parameters);
  if (!types.ok()) return types.status();
  return type_blacklist(*std::move(types));
}

Made make_type_whitelist(const ValueMap& parameters) {
  auto types = types_in(parameters);
  if (!types.ok()) return types.status();
  return type_whitelist(*std::move(types));
}

/// `{"types": {"foo": {"severity": 3}}}`.
Made make_type_severity_max(const ValueMap& parameters) {
  if (absl::Status status = check_keys(parameters, {"types"}); !status.ok()) return status;
  const absl::StatusOr<ValueMap> types = map_at(parameters, "types");
  if (!types.ok()) return types.status();
  std::map<std::string, std::int64_t, std::less<>> limits;
  for (const ValueEntry& entry : *types) {
    if (entry.value.as_map() == nullptr) {
      return value_error(entry.key, entry.value, "takes a map such as {\"severity\": 4}");
    }
    const auto severity = severity_in(*entry.value.as_map());
    if (!severity.ok()) return severity.status();
    limits.emplace(entry.key, *severity);
  }
  return type_severity_max(std::move(limits));
}

}  // namespace

void add_filters(ProviderTable<FilterProvider>& table) {
  struct Known {
    const char* name;
    Made (*make)(const ValueMap& parameters);
  };
  constexpr Known kKnown[] = {
      {"metlog.filters.severity_max", make_severity_max},
      {"metlog.filters.type_blacklist", make_type_blacklist},
      {"metlog.filters.type_whitelist", make_type_whitelist},
      {"metlog.filters.type_severity_max", make_type_severity_max},
  };
  // The documents name the filter, the code its provider.
  for (const auto& [name, make] : kKnown) {
    table.add(name, make).IgnoreError();
    table.add(std::string(name).append("_provider"), make).IgnoreError();
  }
}

}  // namespace metlog
