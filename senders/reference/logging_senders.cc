#include "senders/reference/reference_senders.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "metlog/host_logger.h"
#include "metlog/internal/provider/parameters.h"
#include "senders/host/host_logger_sender.h"
#include "senders/reference/sender_arguments.h"

namespace metlog {
namespace {

using Types = std::vector<std::string>;

/// A list of types, or a single one; `preset` when it is not given.
absl::StatusOr<Types> types_of(std::string_view parameter, const Value* value,
                               const Types& preset) {
  return is_given(value) ? texts_of(parameter, *value) : preset;
}

/// Drops messages of types in neither list, so that they count as filtered.
std::vector<Filter> filters_for(const Types& payload_types, const Types& json_types) {
  std::set<std::string, std::less<>> types(payload_types.begin(), payload_types.end());
  types.insert(json_types.begin(), json_types.end());
  if (types.contains("*")) return {};
  return {type_whitelist(std::move(types))};
}

}  // namespace

absl::StatusOr<SenderSpec> plan_host_logger(const Arguments& arguments) {
  const auto bound =
      Parameters{"StdLibLoggingSender", {"logger_name", "payload_types", "json_types"}, 0}.bind(
          arguments);
  if (!bound.ok()) return bound.status();
  const Value* const given_name = (*bound)[0];
  if (is_given(given_name) && given_name->as_text() == nullptr) {
    return wrong_argument("logger_name", *given_name, "a string");
  }
  const std::string name = is_given(given_name) ? *given_name->as_text() : "";
  auto payload_types = types_of("payload_types", (*bound)[1], {"oldstyle"});
  if (!payload_types.ok()) return payload_types.status();
  auto json_types = types_of("json_types", (*bound)[2], {"*"});
  if (!json_types.ok()) return json_types.status();
  auto logger = find_host_logger(name);
  if (!logger.ok()) return logger.status();
  SenderSpec plan;
  plan.format = MessageFormat::kJson;
  plan.filters = filters_for(*payload_types, *json_types);
  plan.make = [logger = *logger, name, payload = HostLoggerSender::Types(*payload_types),
               json = HostLoggerSender::Types(*json_types)] {
    return std::make_unique<HostLoggerSender>(HostLoggerSender::Parts{logger, name, payload, json});
  };
  return plan;
}

}  // namespace metlog
