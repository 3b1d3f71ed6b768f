// The process's providers, with the built-in filters and formatters.

#include "metlog/providers.h"

#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/provider/loaded/loaded_provider.h"
#include "metlog/internal/provider/loaded/shared_object.h"

namespace metlog {
namespace {

absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// The same error, with the provider's name in front.
absl::Status named_by(std::string_view name, const absl::Status& status) {
  return with_message(status, absl::StrCat(view(name), ": ", status.message()));
}

/// Calls the provider of this name; its exceptions become errors.
template <class Provider, class Given>
auto make(const ProviderTable<Provider>& table, std::string_view name, const Given& given)
    -> decltype(std::declval<const Provider&>()(given)) {
  const auto provider = table.find(name);
  if (!provider.ok()) return provider.status();
  try {
    auto made = (**provider)(given);
    if (!made.ok()) return named_by(name, made.status());
    return made;
  } catch (const std::exception& error) {
    return named_by(name, absl::InternalError(absl::StrCat("threw '", error.what(), "'")));
  } catch (...) {
    return named_by(name, absl::InternalError("threw something that is not a std::exception"));
  }
}

}  // namespace

Providers& providers() {
  // Never destroyed: it may be used until the process ends.
  static auto* const kProviders = [] {
    auto* const made = new Providers;
    add_filters(made->filters);
    add_formatters(made->formatters);
    add_senders(made->senders);
    add_plugins(made->plugins);
    add_host_loggers(made->host_loggers);
    return made;
  }();
  return *kProviders;
}

absl::StatusOr<Plugin> make_plugin(std::string_view name, const ValueMap& parameters) {
  if (is_shared_object(name)) return load_plugin(name, parameters);
  return make(providers().plugins, name, parameters);
}

absl::StatusOr<Filter> make_filter(std::string_view name, const ValueMap& parameters) {
  if (is_shared_object(name)) return load_filter(name, parameters);
  return make(providers().filters, name, parameters);
}

absl::StatusOr<SenderSpec> plan_sender(std::string_view name, const Arguments& arguments) {
  if (is_shared_object(name)) return load_sender(name, arguments);
  return make(providers().senders, name, arguments);
}

absl::StatusOr<Formatter> make_formatter(std::string_view name) {
  if (is_shared_object(name)) return load_formatter(name);
  const auto formatter = providers().formatters.find(name);
  if (!formatter.ok()) return formatter.status();
  return **formatter;
}

namespace {

using Made = absl::StatusOr<Filter>;

absl::StatusOr<std::int64_t> severity_in(const ValueMap& parameters) {
  if (absl::Status status = check_keys(parameters, {"severity"}); !status.ok()) return status;
  return integer_at(parameters, "severity");
}

absl::StatusOr<std::set<std::string, std::less<>>> types_in(const ValueMap& parameters) {
  if (absl::Status status = check_keys(parameters, {"types"}); !status.ok()) return status;
  absl::StatusOr<std::vector<std::string>> types = text_list_at(parameters, "types");
  if (absl::IsNotFound(types.status())) {
    return absl::NotFoundError("lacks 'types'; it takes a list");
  }
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
    if (entry.value.is_null()) continue;
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
  // The reference's documents name the filter, its code names the provider.
  for (const auto& [name, make] : kKnown) {
    table.add(name, make).IgnoreError();
    table.add(std::string(name).append("_provider"), make).IgnoreError();
  }
}

namespace {

/// The payload alone: a string unchanged, anything else as JSON.
std::string payload_text(const Message& message, std::string_view) {
  const std::string* const text = message.payload().as_text();
  return text != nullptr ? *text : to_json(message.payload());
}

}  // namespace

void add_formatters(ProviderTable<Formatter>& table) {
  table.add("metlog.formatters.json", MessageFormat::kJson).IgnoreError();
  table.add("metlog.formatters.indented", MessageFormat::kIndented).IgnoreError();
  table.add("metlog.formatters.text", MessageFormat::kText).IgnoreError();
  table.add("metlog.formatters.pattern", MessageFormat::kPattern).IgnoreError();
  table.add("metlog.formatters.logfmt", MessageFormat::kLogfmt).IgnoreError();
  table.add("metlog.formatters.ecs", MessageFormat::kEcs).IgnoreError();
  table.add("metlog.formatters.gelf", MessageFormat::kGelf).IgnoreError();
  table.add("metlog.formatters.otel", MessageFormat::kOtel).IgnoreError();
  table.add("metlog.formatters.syslog", MessageFormat::kSyslog).IgnoreError();
  table.add("metlog.formatters.statsd", MessageFormat::kStatsd).IgnoreError();
  table.add("metlog.formatters.payload", payload_text).IgnoreError();
}

}  // namespace metlog
