#include "metlog/host_logger.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::Status register_host_logger(std::string_view name, HostLogger logger) {
  if (logger.log == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the host logger '", view(name), "' has no function to log with"));
  }
  return providers().host_loggers.add(name, std::move(logger));
}

bool unregister_host_logger(std::string_view name) { return providers().host_loggers.remove(name); }

absl::StatusOr<std::shared_ptr<const HostLogger>> find_host_logger(std::string_view name) {
  const auto& loggers = providers().host_loggers;
  auto found = loggers.find(name);
  for (std::string_view above = name; !found.ok() && !above.empty();) {
    const std::size_t dot = above.find_last_of(".:");
    above = above.substr(0, dot == std::string_view::npos ? 0 : dot);
    if (auto logger = loggers.find(above); logger.ok()) return logger;
  }
  if (found.ok()) return found;
  return with_message(found.status(),
                      absl::StrCat(found.status().message(), "; register_host_logger() adds one"));
}

}  // namespace metlog
