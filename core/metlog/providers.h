#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

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
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/provider/provider_table.h"
#include "metlog/make_sender.h"
#include "metlog/plugin.h"
#include "metlog/sender.h"
#include "metlog/value.h"

namespace metlog {

/// The newest messages of a DebugCaptureSender, and the keywords that it was made with. Any thread.
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
  /// A keyword of the sender's constructor; null when absent.
  [[nodiscard]] const Value* option(std::string_view name) const { return options_.find(name); }
  [[nodiscard]] const ValueMap& options() const { return options_; }

 private:
  const ValueMap options_;
  mutable ReentrantMutex mutex_;
  std::deque<std::string> messages_;
};

/// The result of a sender provider: how to open the destination.
struct SenderSpec {
  /// As make_sender() takes it: opened once for each connection, and again in a forked child.
  std::string url = "";
  /// Instead of a URL, from settings that are not text: called where the URL would be opened.
  SenderFactory connect = nullptr;
  /// Instead of both: one connection, which a forked child does not get.
  std::function<absl::StatusOr<std::unique_ptr<Sender>>()> make = nullptr;
  /// Number of connections; 0 for that of ClientOptions.
  std::size_t pool_size = 0;
  /// Format of messages; absent for that of ClientOptions.
  std::optional<Formatter> format = std::nullopt;
  /// Filters that run after those of the configuration.
  std::vector<Filter> filters = {};
  /// False for the placeholder that refuses everything.
  bool is_active = true;
  /// Messages that the sender keeps for inspection; null for most senders.
  std::shared_ptr<DebugCapture> capture = nullptr;
  /// Arguments that were given and have no effect, to be reported with the configuration's keys
  /// that metlog does not read: "livecheck".
  std::vector<std::string> unused = {};
};

/// Makes a plugin from its parameters; `override` is not among them.
using PluginProvider = std::function<absl::StatusOr<Plugin>(const ValueMap& parameters)>;
/// Makes a filter from its parameters.
using FilterProvider = std::function<absl::StatusOr<Filter>(const ValueMap& parameters)>;
/// Plans a sender from its constructor's arguments.
using SenderProvider = std::function<absl::StatusOr<SenderSpec>(const Arguments& arguments)>;

/// The providers that a configuration can name, in the whole process. Any thread.
///
///   providers().plugins.add("acme.audit", [](const ValueMap& parameters) { ... });
///
/// A provider that throws is an error of the configuration which names it.
struct Providers {
  ProviderTable<PluginProvider> plugins{
      {"plugin provider",
       "register it before the configuration is read, with "
       "metlog::providers().plugins.add(name, provider), or write "
       "path/to/lib.so:symbol"}};
  ProviderTable<FilterProvider> filters{
      {"filter provider", "register yours with metlog::providers().filters.add(name, provider)"}};
  ProviderTable<SenderProvider> senders{
      {"sender class", "register yours with metlog::providers().senders.add(name, provider)"}};
  /// Formatters take no parameters, so the entry is the formatter itself.
  ProviderTable<Formatter> formatters{
      {"formatter", "register yours with metlog::providers().formatters.add(name, formatter)"}};
  /// Loggers of other libraries, see host_logger.h.
  ProviderTable<HostLogger> host_loggers{{"host logger", ""}};
};

/// The process's providers, which include the reference's senders and filters.
Providers& providers();

// Call a provider by its name in a configuration: an entry of a table, or `path/to/lib.so:symbol`.
// Errors name the provider.
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
/// Adds the plugins that the reference's makers shipped; defined in plugins/.
void add_plugins(ProviderTable<PluginProvider>& table);
/// Adds `syslog`; defined in senders/, too.
void add_host_loggers(ProviderTable<HostLogger>& table);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
