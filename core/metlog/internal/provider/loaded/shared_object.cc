#include "metlog/internal/provider/loaded/shared_object.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"

namespace metlog {
namespace {

/// The library's path and the symbol; the symbol is empty when there is no colon.
struct Name {
  std::string path;
  std::string symbol;
};

Name split(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos) return {std::string(name), ""};
  return {std::string(name.substr(0, colon)), std::string(name.substr(colon + 1))};
}

std::string dl_error() {
  const char* const error = ::dlerror();
  return error != nullptr ? error : "no reason given";
}

const char* name_of_kind(std::uint32_t kind) {
  constexpr const char* kNames[] = {"nothing known", "a method", "a filter", "a sender",
                                    "a formatter"};
  return kNames[kind <= METLOG_PLUGIN_FORMATTER ? kind : 0];
}

/// The name of a function that a provider of this kind needs and does not have, or null.
const char* missing_function(const metlog_provider& provider) {
  if (provider.create == nullptr) return "create";
  switch (provider.kind) {
    case METLOG_PLUGIN_METHOD:
      if (provider.method_name == nullptr) return "method_name";
      return provider.call == nullptr ? "call" : nullptr;
    case METLOG_PLUGIN_FILTER:
      return provider.filter == nullptr ? "filter" : nullptr;
    case METLOG_PLUGIN_FORMATTER:
      return provider.format == nullptr ? "format" : nullptr;
    default:
      return provider.send == nullptr ? "send" : nullptr;
  }
}

/// Minimum bytes of a provider of this kind: one built before there were formatters ends before
/// `format`.
std::size_t min_size(std::uint32_t kind) {
  return kind == METLOG_PLUGIN_FORMATTER ? sizeof(metlog_provider)
                                         : offsetof(metlog_provider, format);
}

/// The reason why the symbol is not a usable provider; empty when it is.
std::string fault_of(const void* symbol, std::uint32_t kind) {
  // The symbol may be anything, even a function; so the magic number is checked first.
  std::uint32_t magic = 0;
  std::memcpy(&magic, symbol, sizeof magic);
  if (magic != METLOG_PLUGIN_MAGIC) return "is not a metlog_provider";
  const auto& provider = *static_cast<const metlog_provider*>(symbol);
  if (provider.abi != METLOG_PLUGIN_ABI) {
    return absl::StrCat("is of plugin ABI ", provider.abi, ", this metlog of ", METLOG_PLUGIN_ABI,
                        "; build it with this metlog's plugin_abi.h");
  }
  if (const std::size_t min = min_size(provider.kind); provider.size < min) {
    return absl::StrCat("has a size of ", provider.size, ", not ", min);
  }
  if (provider.kind != kind) {
    return absl::StrCat("provides ", name_of_kind(provider.kind), ", not ", name_of_kind(kind));
  }
  const char* const missing = missing_function(provider);
  return missing == nullptr ? "" : absl::StrCat("lacks the function ", missing);
}

}  // namespace

bool is_shared_object(std::string_view name) {
  const Name parts = split(name);
  const std::string_view path = parts.path;
  return path.find('/') != std::string_view::npos || path.ends_with(".so") ||
         path.find(".so.") != std::string_view::npos;
}

absl::StatusOr<std::shared_ptr<const SharedObject>> SharedObject::open(std::string_view name,
                                                                       std::uint32_t kind) {
  const Name parts = split(name);
  if (parts.symbol.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(parts.path, " names no symbol; write ", parts.path, ":symbol"));
  }
  void* const handle = ::dlopen(parts.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return with_detail(
        absl::NotFoundError(absl::StrCat("cannot load ", parts.path, ": ", dl_error())),
        ErrorKind::kProviderNotFound, name);
  }
  const std::shared_ptr<SharedObject> object(new SharedObject(std::string(name), handle));
  const void* const symbol = ::dlsym(handle, parts.symbol.c_str());
  if (symbol == nullptr) {
    return with_detail(absl::NotFoundError(absl::StrCat("no symbol '", parts.symbol, "' in ",
                                                        parts.path, ": ", dl_error())),
                       ErrorKind::kProviderNotFound, name);
  }
  if (const std::string fault = fault_of(symbol, kind); !fault.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the symbol '", parts.symbol, "' in ", parts.path, " ", fault));
  }
  object->provider_ = static_cast<const metlog_provider*>(symbol);
  return object;
}

SharedObject::~SharedObject() { ::dlclose(handle_); }

}  // namespace metlog
