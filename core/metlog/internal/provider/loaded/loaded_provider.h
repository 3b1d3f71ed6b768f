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

// What the provider in a shared object makes, `path/to/lib.so:symbol`. The library stays loaded for
// as long as anything of it is in use, a call under way included, and is then unloaded. Errors name
// the library; what it refused or threw leaves nothing behind.

absl::StatusOr<Plugin> load_plugin(std::string_view name, const ValueMap& parameters);
absl::StatusOr<Filter> load_filter(std::string_view name, const ValueMap& parameters);
absl::StatusOr<SenderSpec> load_sender(std::string_view name, const Arguments& arguments);
absl::StatusOr<Formatter> load_formatter(std::string_view name);

/// What a provider in a shared object has made of a configuration's parameters; ended with this,
/// before the library may go.
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
