#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "metlog/internal/provider/loaded/plugin_host.h"
#include "metlog/internal/provider/loaded/shared_object.h"
#include "metlog/value.h"

namespace metlog {

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
