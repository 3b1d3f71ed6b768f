#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/host_logger.h"
#include "metlog/internal/provider/provider_table.h"
#include "metlog/plugin.h"
#include "metlog/sender.h"
#include "metlog/value.h"

namespace metlog {

/// What a DebugCaptureSender has kept: the newest messages, and the keywords it was made with. Any
/// thread.
class DebugCapture {
 public:
  static constexpr std::size_t kMax = 100;

  explicit DebugCapture(ValueMap options) : options_(std::move(options)) {}

  void add(std::string_view message) {
    const std::lock_guard lock(mutex_);
    if (messages_.size() == kMax) messages_.pop_front();
    messages_.emplace_back(message);
  }
  /// Oldest first.
  [[nodiscard]] std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return {messages_.begin(), messages_.end()};
  }
  /// A keyword of the sender's constructor; null when it was not given.
  [[nodiscard]] const Value* option(std::string_view name) const { return options_.find(name); }
  [[nodiscard]] const ValueMap& options() const { return options_; }

 private:
  const ValueMap options_;
  mutable std::mutex mutex_;
  std::deque<std::string> messages_;
};

/// What a sender provider makes of a configuration: how the destination is opened.
struct SenderSpec {
  /// As make_sender() takes it: opened once for each connection, and anew in a forked child.
  std::string url = "";
  /// Where there is no URL: one connection, which a forked child does not get.
  std::function<absl::StatusOr<std::unique_ptr<Sender>>()> make = nullptr;
  /// Connections; 0 for what ClientOptions say.
  std::size_t pool_size = 0;
  /// What messages look like; nothing for what ClientOptions say.
  std::optional<Formatter> format = std::nullopt;
  /// What messages pass behind the configuration's filters.
  std::vector<Filter> filters = {};
  /// False for the placeholder that refuses everything.
  bool is_active = true;
  /// Where the messages can be looked at; null but for the sender that keeps them.
  std::shared_ptr<DebugCapture> capture = nullptr;
};

/// Makes a plugin of its parameters; `override` has been taken out.
using PluginProvider = std::function<absl::StatusOr<Plugin>(const ValueMap& parameters)>;
/// Makes a filter of its parameters.
using FilterProvider = std::function<absl::StatusOr<Filter>(const ValueMap& parameters)>;
/// Plans a sender of its constructor's arguments.
using SenderProvider = std::function<absl::StatusOr<SenderSpec>(const Arguments& arguments)>;

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
absl::StatusOr<SenderSpec> plan_sender(std::string_view name, const Arguments& arguments);
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
