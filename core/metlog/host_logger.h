#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/host_level.h"

namespace metlog {

/// One message for a host's logger; the texts are valid until the call returns.
struct HostRecord {
  std::string_view logger;  // the name that the sender was configured with; empty for the root
  HostLevel level;
  std::int64_t severity;  // the message's own, of which the level was made
  std::string_view text;  // a payload or an envelope, no newline at its end
};

/// A logger of a library that the program has beside metlog, spdlog or glog say, as metlog writes
/// to it. Used by the threads of connections, one for each.
struct HostLogger {
  /// What it throws loses the message, as `refused`.
  std::function<void(const HostRecord& record)> log;
  /// Waits until all that log() took has left the process, and says whether it has; null when there
  /// is nothing to wait for.
  std::function<bool(std::chrono::nanoseconds limit)> flush = nullptr;
  /// The library's sinks run on a thread of their own, behind a queue. Where a client is hooked to
  /// them, what comes back is then known by its text, see hook_logger.h.
  bool logs_later = false;
};

/// Makes a logger known to the senders that a configuration names; "" is the root. kAlreadyExists
/// when the name is taken, kInvalidArgument without a function. Any thread, here and below.
absl::Status register_host_logger(std::string_view name, HostLogger logger);
/// False when there was none. Senders that have it keep it.
bool unregister_host_logger(std::string_view name);

/// The logger of this name, else of the one above it: "db.pool", "db", the root. kNotFound lists
/// what may have been meant.
absl::StatusOr<std::shared_ptr<const HostLogger>> find_host_logger(std::string_view name);

}  // namespace metlog
