#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/plugin_abi.h"

namespace metlog {

/// True when a provider's name means a shared object, `path/to/lib.so:symbol`, and not a registered
/// provider: it has a slash, or the part before the colon ends in `.so`.
bool is_shared_object(std::string_view name);

/// A provider in a shared object, which stays loaded while this lives.
class SharedObject {
 public:
  /// Loads `path/to/lib.so:symbol`; the dynamic linker searches for a path without a slash. `kind`
  /// is the METLOG_PLUGIN_* wanted. kNotFound for a missing library or symbol, kFailedPrecondition
  /// for a symbol that is not a provider, or of another version or kind.
  static absl::StatusOr<std::shared_ptr<const SharedObject>> open(std::string_view name,
                                                                  std::uint32_t kind);
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  [[nodiscard]] const metlog_provider& provider() const { return *provider_; }
  /// The name that it was loaded by.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  SharedObject(std::string name, void* handle) : name_(std::move(name)), handle_(handle) {}

  const std::string name_;
  void* const handle_;
  const metlog_provider* provider_ = nullptr;
};

}  // namespace metlog
