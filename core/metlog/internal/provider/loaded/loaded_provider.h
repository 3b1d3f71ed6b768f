#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/internal/provider/loaded/plugin_host.h"
#include "metlog/internal/provider/loaded/shared_object.h"
#include "metlog/plugin.h"
#include "metlog/providers.h"
#include "metlog/value.h"

namespace metlog {

// Loads a provider from a shared object, `path/to/lib.so:symbol`, and calls it. The library stays
// loaded while anything of it is in use, including a running call, and is then unloaded. Errors
// name the library; after an error nothing stays loaded.

absl::StatusOr<Plugin> load_plugin(std::string_view name, const ValueMap& parameters);
absl::StatusOr<Filter> load_filter(std::string_view name, const ValueMap& parameters);
absl::StatusOr<SenderSpec> load_sender(std::string_view name, const Arguments& arguments);
absl::StatusOr<Formatter> load_formatter(std::string_view name);

/// An instance that a provider in a shared object has made from a configuration's parameters;
/// destroyed before the library is unloaded.
class LoadedInstance {
 public:
  /// kInvalidArgument with the provider's reason when it refuses or throws.
  static absl::StatusOr<std::shared_ptr<const LoadedInstance>> create(
      std::shared_ptr<const SharedObject> object, const ValueMap& parameters);
  ~LoadedInstance();
  LoadedInstance(const LoadedInstance&) = delete;
  LoadedInstance& operator=(const LoadedInstance&) = delete;

  [[nodiscard]] const metlog_provider& provider() const { return object_->provider(); }
  [[nodiscard]] void* get() const { return instance_; }
  [[nodiscard]] const std::string& name() const { return object_->name(); }

 private:
  LoadedInstance(std::shared_ptr<const SharedObject> object, void* instance)
      : object_(std::move(object)), instance_(instance) {}

  const std::shared_ptr<const SharedObject> object_;
  void* const instance_;
};

}  // namespace metlog
