#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/plugin_abi.h"

namespace metlog {

/// Whether a provider's name means a shared object, `path/to/lib.so:symbol`, and not an entry of
/// the registry: it has a slash, or ends in `.so` before the colon or without one.
bool is_shared_object(std::string_view name);

/// A provider in a shared object, which stays loaded for as long as this lives.
class SharedObject {
 public:
  /// Loads `path/to/lib.so:symbol`; a path without a slash is looked for as the dynamic linker
  /// does. `kind` is what is wanted of it. kNotFound for a library or symbol that is not there,
  /// kFailedPrecondition for one that is no provider, of another version, or of another kind.
  static absl::StatusOr<std::shared_ptr<const SharedObject>> open(std::string_view name,
                                                                  std::uint32_t kind);
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  [[nodiscard]] const metlog_provider& provider() const { return *provider_; }
  /// As it was named.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  SharedObject(std::string name, void* handle) : name_(std::move(name)), handle_(handle) {}

  const std::string name_;
  void* const handle_;
  const metlog_provider* provider_ = nullptr;
};

}  // namespace metlog
