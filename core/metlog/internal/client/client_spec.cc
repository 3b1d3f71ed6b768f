#include "metlog/internal/client/client_spec.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/client/option_keys.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

std::string text_of(absl::string_view message) { return std::string(message); }

/// The same error, preceded by the place and the value that it concerns.
absl::Status at(const Value& value, const absl::Status& status) {
  return with_message(status, text_of(value_error("", value, text_of(status.message())).message()));
}

/// The value of a key; null when it is missing or its value is null.
const Value* find_given(const ValueMap& dict, std::string_view key) {
  const Value* const value = dict.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

absl::Status read_options(const ValueMap& config, ClientOptions& options) {
  if (find_given(config, "logger") != nullptr) {
    absl::StatusOr<std::string> logger = text_at(config, "logger");
    if (!logger.ok()) return logger.status();
    options.logger = *std::move(logger);
  }
  if (const Value* const severity = find_given(config, "severity"); severity != nullptr) {
    // Numbers other than 0 to 7 are accepted, as in the original.
    const absl::StatusOr<std::int64_t> number =
        integer_at(config, "severity", {-INT32_MAX, INT32_MAX});
    if (!number.ok()) {
      return value_error("severity", *severity,
                         "takes a whole number, 0 for EMERGENCY to 7 for DEBUG");
    }
    options.severity = static_cast<int>(*number);
  }
  absl::StatusOr<std::vector<std::string>> timers = text_list_or_empty(config, "disabled_timers");
  if (!timers.ok()) return timers.status();
  options.disabled_timers = *std::move(timers);
  return read_client_keys(config, options);
}

/// A provider's name and its parameters, which may be null:
/// `["metlog.filters.severity_max_provider", {"severity": 4}]`.
struct ProviderCall {
  const Value* name;
  ValueMap parameters;
};

absl::StatusOr<ProviderCall> provider_call(const Value& pair) {
  const ValueList* const items = pair.as_list();
  const bool is_pair =
      items != nullptr && items->size() == 2 && items->front().as_text() != nullptr;
  if (is_pair && items->back().is_null()) return ProviderCall{items->data(), {}};
  if (!is_pair || items->back().as_map() == nullptr) {
    return value_error("", pair, "takes a pair: a provider's name, and a map of its parameters");
  }
  return ProviderCall{items->data(), *items->back().as_map()};
}

absl::StatusOr<MethodTable::NewMethod> read_plugin(const Value& pair) {
  absl::StatusOr<ProviderCall> call = provider_call(pair);
  if (!call.ok()) return call.status();
  const Value* const given = find_given(call->parameters, "override");
  absl::StatusOr<Override> how = read_override(given);
  if (!how.ok()) return at(*given, how.status());
  call->parameters.erase("override");
  absl::StatusOr<Plugin> plugin = make_plugin(*call->name->as_text(), call->parameters);
  if (!plugin.ok()) return at(*call->name, plugin.status());
  return MethodTable::NewMethod{*std::move(plugin), *std::move(how)};
}

absl::Status read_plugins(const ValueMap& config, std::vector<MethodTable::NewMethod>& methods) {
  const absl::StatusOr<ValueMap> plugins = map_or_empty(config, "plugins");
  if (!plugins.ok()) return plugins.status();
  for (const ValueEntry& entry : *plugins) {
    if (entry.value.is_null()) continue;
    absl::StatusOr<MethodTable::NewMethod> method = read_plugin(entry.value);
    if (!method.ok()) return method.status();
    methods.push_back(*std::move(method));
  }
  return absl::OkStatus();
}

/// `{"url": "tcp://127.0.0.1:5565", "pool_size": 2, "formatter": "acme.short"}`, which the
/// reference does not have.
absl::StatusOr<SenderSpec> plan_url(const ValueMap& sender) {
  if (absl::Status status = check_keys(sender, {"url", "pool_size", "formatter"}); !status.ok()) {
    return status;
  }
  absl::StatusOr<std::string> url = text_at(sender, "url");
  if (!url.ok()) return url.status();
  SenderSpec plan{.url = *std::move(url)};
  ClientOptions pool;
  pool.pool_size = 0;  // that of the client
  if (absl::Status status = read_client_keys(sender, pool); !status.ok()) return status;
  plan.pool_size = pool.pool_size;
  if (const Value* const given = find_given(sender, "formatter"); given != nullptr) {
    const absl::StatusOr<std::string> name = text_at(sender, "formatter");
    if (!name.ok()) return name.status();
    absl::StatusOr<Formatter> formatter = make_formatter(*name);
    if (!formatter.ok()) return at(*given, formatter.status());
    plan.format = *std::move(formatter);
  }
  return plan;
}

absl::StatusOr<SenderSpec> plan_class(const ValueMap& sender) {
  const absl::StatusOr<std::string> name = text_at(sender, "class");
  if (!name.ok()) return name.status();
  Arguments arguments;
  for (const ValueEntry& entry : sender) {
    if (entry.key == "class" || entry.value.is_null()) continue;
    if (entry.key != "args") {
      arguments.named.set(entry.key, entry.value);
    } else if (entry.value.as_list() != nullptr) {
      arguments.positional = *entry.value.as_list();
    } else {
      arguments.positional = {entry.value};
    }
  }
  absl::StatusOr<SenderSpec> plan = plan_sender(*name, arguments);
  return plan.ok() ? plan : at(*sender.find("class"), plan.status());
}

absl::StatusOr<SenderSpec> read_sender(const ValueMap& config) {
  constexpr std::string_view kNeeded =
      "has no sender; write class = metlog.senders.dev.StdOutSender or its like, or url = "
      "tcp://127.0.0.1:5565";
  const Value* const sender = find_given(config, "sender");
  if (sender == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("sender.class is missing: the configuration ",
                     absl::string_view(kNeeded.data(), kNeeded.size())));
  }
  const absl::StatusOr<ValueMap> map = map_at(config, "sender");
  if (!map.ok()) return map.status();
  const bool has_class = find_given(*map, "class") != nullptr;
  const bool has_url = find_given(*map, "url") != nullptr;
  if (has_class) return plan_class(*map);
  return has_url ? plan_url(*map) : value_error("sender", *sender, kNeeded);
}

/// Several destinations, or the only one.
absl::Status read_where(const ValueMap& config, ClientSpec& plan) {
  const Value* const several = find_given(config, "destinations");
  if (several != nullptr && find_given(config, "sender") != nullptr) {
    return value_error("destinations", *several,
                       "there is a sender, too; write it as one of the destinations, by its URL");
  }
  if (several == nullptr) {
    absl::StatusOr<SenderSpec> sender = read_sender(config);
    if (!sender.ok()) return sender.status();
    plan.sender = *std::move(sender);
  }
  if (absl::Status status = read_filters(config, plan.options); !status.ok()) return status;
  plan.options = options_for(plan.sender, plan.options);
  if (absl::Status status = read_format_keys(config, plan.sender, plan.options); !status.ok()) {
    return status;
  }
  if (several == nullptr) return absl::OkStatus();
  absl::StatusOr<std::vector<ClientOutput>> outputs = read_destinations(*several, plan.options);
  if (!outputs.ok()) return outputs.status();
  plan.outputs = *std::move(outputs);
  return absl::OkStatus();
}

}  // namespace

absl::Status read_filters(const ValueMap& config, ClientOptions& options) {
  const Value* const filters = find_given(config, "filters");
  if (filters == nullptr) return absl::OkStatus();
  if (filters->as_list() == nullptr) {
    return value_error("filters", *filters, "takes a list of [provider, parameters]");
  }
  for (const Value& pair : *filters->as_list()) {
    const absl::StatusOr<ProviderCall> call = provider_call(pair);
    if (!call.ok()) return call.status();
    auto filter = make_filter(*call->name->as_text(), call->parameters);
    if (!filter.ok()) return at(*call->name, filter.status());
    options.filters.push_back(*std::move(filter));
  }
  return absl::OkStatus();
}

ClientOptions options_for(const SenderSpec& sender, ClientOptions options) {
  if (sender.pool_size != 0) options.pool_size = sender.pool_size;
  if (sender.format.has_value()) options.format = *sender.format;
  for (const Filter& filter : sender.filters) options.filters.push_back(filter);
  return options;
}

absl::StatusOr<ClientSpec> make_client_spec(ValueMap config, const ClientOptions& options) {
  name_paths(config);
  ClientSpec plan;
  plan.options = options;
  plan.options.filters.clear();
  absl::StatusOr<ValueMap> global = map_or_empty(config, "global");
  if (!global.ok()) return global.status();
  plan.global = *std::move(global);
  absl::StatusOr<ValueMap> engine =
      find_given(config, "engine") != nullptr ? map_at(config, "engine") : ValueMap();
  if (!engine.ok()) return engine.status();
  EngineOptions checked;
  if (absl::Status status = read_engine_keys(*engine, checked); !status.ok()) return status;
  plan.engine = *std::move(engine);
  if (absl::Status status = read_options(config, plan.options); !status.ok()) return status;
  if (absl::Status status = read_where(config, plan); !status.ok()) return status;
  if (absl::Status status = read_plugins(config, plan.methods); !status.ok()) return status;
  plan.configuration = std::move(config);
  return plan;
}

std::vector<std::string> unread_keys(const ClientSpec& spec) {
  std::vector<std::string> keys = unknown_keys(spec.configuration);
  for (const std::string& name : spec.sender.unused) keys.push_back(member_path("sender", name));
  return keys;
}

}  // namespace metlog
