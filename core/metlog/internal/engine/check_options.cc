#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/engine/engine_state.h"

namespace metlog {

absl::Status check_thread_options(const EngineOptions& options) {
  // Linux keeps 15 bytes of a thread's name; "-flush" is the longer end.
  constexpr std::size_t kMaxName = 9;
  const std::string& name = options.thread_name;
  const bool is_shown = std::all_of(name.begin(), name.end(), absl::ascii_isgraph);
  if (name.size() > kMaxName || !is_shown) {
    return absl::InvalidArgumentError(absl::StrCat("thread_name is '", absl::CHexEscape(name),
                                                   "'; it takes 1 to ", kMaxName,
                                                   " characters of ASCII, no spaces"));
  }
  if (const int nice = options.thread_nice.value_or(0); nice < -20 || nice > 19) {
    return absl::InvalidArgumentError(
        absl::StrCat("thread_nice is ", nice, "; it takes -20 (most urgent) to 19"));
  }
  if (!options.thread_affinity.has_value()) return absl::OkStatus();
  const absl::StatusOr<std::vector<int>> cpus = parse_cpu_list(*options.thread_affinity);
  if (cpus.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("thread_affinity is '",
                                                 absl::CHexEscape(*options.thread_affinity),
                                                 "': ", cpus.status().message()));
}

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
  if (options.linger < std::chrono::nanoseconds(0) ||
      options.linger > std::chrono::milliseconds(500)) {
    return absl::InvalidArgumentError(
        absl::StrCat("linger is ", options.linger.count(), " ns; it takes 0 to 500 ms"));
  }
  if (options.wake_severity.value_or(Severity::kEmergency) > Severity::kWarning) {
    return absl::InvalidArgumentError(absl::StrCat("wake_severity is ",
                                                   static_cast<int>(*options.wake_severity),
                                                   "; it takes kEmergency (0) to kWarning (4)"));
  }
  if (options.crash_drain_limit < std::chrono::nanoseconds(0) ||
      options.crash_drain_limit > std::chrono::minutes(1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "crash_drain_limit is ", options.crash_drain_limit.count(), " ns; it takes 0 to 1 minute"));
  }
  return check_thread_options(options);
}

absl::Status check_options(const ClientOptions& options) {
  const auto wrong = [](const char* option, std::size_t value, const char* range) {
    return absl::InvalidArgumentError(absl::StrCat(option, " is ", value, "; it takes ", range));
  };
  if (options.pool_size < 1 || options.pool_size > 64) {
    return wrong("pool_size", options.pool_size, "1 to 64");
  }
  if (options.stats_interval.count() != 0 &&
      options.stats_interval < std::chrono::milliseconds(1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "stats_interval is ", options.stats_interval.count(), " ns; it takes 0 or from 1 ms"));
  }
  if (!options.format.is_complete()) {
    return absl::InvalidArgumentError("format is kOwn; give the formatter function instead");
  }
  if (const auto layout = make_layout(options.format.format(), options.format.options());
      !layout.ok()) {
    return layout.status();
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
