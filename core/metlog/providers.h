#pragma once

#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/arguments.h"
#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/host_logger.h"
#include "metlog/internal/provider/provider_table.h"
#include "metlog/plugin.h"
#include "metlog/sender_plan.h"

namespace metlog {

/// Makes a plugin of its parameters; `override` has been taken out.
using PluginProvider = std::function<absl::StatusOr<Plugin>(const ValueMap& parameters)>;
/// Makes a filter of its parameters.
using FilterProvider = std::function<absl::StatusOr<Filter>(const ValueMap& parameters)>;
/// Plans a sender of its constructor's arguments.
using SenderProvider = std::function<absl::StatusOr<SenderPlan>(const Arguments& arguments)>;

/// What a configuration's names stand for, in the whole process. Any thread.
///
///   providers().plugins.add("acme.audit", [](const ValueMap& parameters) { ... });
///
/// A provider that throws is an error of the configuration which names it.
struct Providers {
  ProviderTable<PluginProvider> plugins{"plugin provider"};
  ProviderTable<FilterProvider> filters{"filter provider"};
  ProviderTable<SenderProvider> senders{"sender class"};
  /// How messages are written; these take no parameters, so the formatter itself is named.
  ProviderTable<Formatter> formatters{"formatter"};
  /// Loggers of other libraries, see host_logger.h.
  ProviderTable<HostLogger> host_loggers{"host logger"};
};

/// The process's own, with the reference's senders and filters in it from the beginning.
Providers& providers();

// By a name as a configuration has it: one of the tables', or `path/to/lib.so:symbol`. Errors name
// the provider.
absl::StatusOr<Plugin> make_plugin(std::string_view name, const ValueMap& parameters);
absl::StatusOr<Filter> make_filter(std::string_view name, const ValueMap& parameters);
absl::StatusOr<SenderPlan> plan_sender(std::string_view name, const Arguments& arguments);
absl::StatusOr<Formatter> make_formatter(std::string_view name);

/// Adds the reference's filters.
void add_filters(ProviderTable<FilterProvider>& table);
/// Adds `metlog.formatters.json`, `.indented`, `.text` and `.payload`.
void add_formatters(ProviderTable<Formatter>& table);
/// Adds the reference's senders. Defined in senders/, so that core/ names none.
void add_senders(ProviderTable<SenderProvider>& table);
/// Adds `syslog`; defined there, too.
void add_host_loggers(ProviderTable<HostLogger>& table);

}  // namespace metlog
