#include <bit>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/engine/engine_state.h"

namespace metlog {

absl::Status check_options(const EngineOptions& options) {
  if (!std::has_single_bit(options.ring_bytes) || options.ring_bytes < 4096 ||
      options.ring_bytes > (std::size_t{64} << 20)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "ring_bytes is ", options.ring_bytes, "; it takes a power of two from 4096 to 67108864"));
  }
  const std::pair<const char*, std::chrono::nanoseconds> intervals[] = {
      {"poll_interval", options.poll_interval},
      {"max_poll_interval", options.max_poll_interval},
      {"idle_interval", options.idle_interval}};
  for (const auto& [name, interval] : intervals) {
    if (interval >= std::chrono::microseconds(1) && interval <= std::chrono::milliseconds(500))
      continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is ", interval.count(), " ns; it takes 1 us to 500 ms"));
  }
  if (options.wake_severity.value_or(Severity::kEmergency) > Severity::kWarning) {
    return absl::InvalidArgumentError(absl::StrCat("wake_severity is ",
                                                   static_cast<int>(*options.wake_severity),
                                                   "; it takes kEmergency (0) to kWarning (4)"));
  }
  return absl::OkStatus();
}

absl::Status check_options(const ClientOptions& options) {
  const auto wrong = [](const char* option, std::size_t value, const char* range) {
    return absl::InvalidArgumentError(absl::StrCat(option, " is ", value, "; it takes ", range));
  };
  if (options.pool_size < 1 || options.pool_size > 64) {
    return wrong("pool_size", options.pool_size, "1 to 64");
  }
  if (!options.format.is_complete()) {
    return absl::InvalidArgumentError("format is kOwn; give the formatter function instead");
  }
  if (options.batch_count < 1 || options.batch_count > 65536) {
    return wrong("batch_count", options.batch_count, "1 to 65536");
  }
  if (options.batch_bytes < 1 || options.batch_bytes > (std::size_t{1} << 30)) {
    return wrong("batch_bytes", options.batch_bytes, "1 to 1073741824");
  }
  return absl::OkStatus();
}

}  // namespace metlog
