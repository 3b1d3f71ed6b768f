#include "metlog/providers.h"

#include <exception>
#include <string>

#include "absl/strings/str_cat.h"
#include "metlog/internal/provider/loaded/loaded_provider.h"
#include "metlog/internal/provider/loaded/shared_object.h"

namespace metlog {
namespace {

absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// The same error, with the provider's name in front.
absl::Status told_by(std::string_view name, const absl::Status& status) {
  return {status.code(), absl::StrCat(view(name), ": ", status.message())};
}

/// What the provider of this name makes; its exceptions become errors.
template <class Provider, class Given>
auto make(const ProviderTable<Provider>& table, std::string_view name, const Given& given)
    -> decltype(std::declval<const Provider&>()(given)) {
  const auto provider = table.find(name);
  if (!provider.ok()) return provider.status();
  try {
    auto made = (**provider)(given);
    if (!made.ok()) return told_by(name, made.status());
    return made;
  } catch (const std::exception& error) {
    return told_by(name, absl::InternalError(absl::StrCat("threw '", error.what(), "'")));
  } catch (...) {
    return told_by(name, absl::InternalError("threw something that is no std::exception"));
  }
}

}  // namespace

Providers& providers() {
  // Never destroyed: what it names may be used until the very end.
  static auto* const kProviders = [] {
    auto* const made = new Providers;
    add_filters(made->filters);
    add_formatters(made->formatters);
    add_senders(made->senders);
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

absl::StatusOr<SenderPlan> plan_sender(std::string_view name, const Arguments& arguments) {
  if (is_shared_object(name)) return load_sender(name, arguments);
  return make(providers().senders, name, arguments);
}

absl::StatusOr<Formatter> make_formatter(std::string_view name) {
  if (is_shared_object(name)) return load_formatter(name);
  const auto formatter = providers().formatters.find(name);
  if (!formatter.ok()) return formatter.status();
  return **formatter;
}

}  // namespace metlog
