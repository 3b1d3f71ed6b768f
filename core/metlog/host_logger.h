#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/severity.h"

namespace metlog {

/// A level of a host's logging library, in the numbers of the reference's host. Any number is one.
enum class HostLevel : int {
  kDebug = 10,
  kInfo = 20,
  kWarning = 30,
  kError = 40,
  kCritical = 50,
};

/// The level of a message: CRITICAL for 0 to 2, ERROR for 3, WARNING for 4, INFO for 5 and 6, DEBUG
/// for 7; WARNING for any other number.
constexpr HostLevel host_level_of(std::int64_t severity) {
  constexpr HostLevel kLevels[] = {HostLevel::kCritical, HostLevel::kCritical, HostLevel::kCritical,
                                   HostLevel::kError,    HostLevel::kWarning,  HostLevel::kInfo,
                                   HostLevel::kInfo,     HostLevel::kDebug};
  return severity >= 0 && severity <= 7 ? kLevels[severity] : HostLevel::kWarning;
}

/// The severity of the named level that is nearest; of two, of the more severe: DEBUG 7, INFO 6,
/// WARNING 4, ERROR 3, CRITICAL 2.
constexpr Severity severity_of(HostLevel level) {
  const int number = static_cast<int>(level);
  if (number >= 45) return Severity::kCritical;
  if (number >= 35) return Severity::kError;
  if (number >= 25) return Severity::kWarning;
  return number >= 15 ? Severity::kInfo : Severity::kDebug;
}

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

class Client;

// From a host's logging library into metlog: the library's own sink, which the program writes,
// gives what it is told to a HookSink, and whoever is hooked sends it. docs/plugins.md has sinks
// for spdlog and glog. Any thread.

/// Lets the client send what the host's logger of this name logs, and those below it: "db" has
/// "db.pool", "" has all. Its messages are of type `oldstyle`, with the text as payload. False when
/// the client is hooked to that name already; a record that reaches it by several names is sent
/// once. The client stays where it is until unhook_logger(). Those of get_client() do, but one that
/// has lost its name may be closed by the holder, and then sends nothing: see holder.h.
bool hook_logger(std::string_view name, Client& client);

/// Ends it; afterwards no thread is inside. False when there was nothing to end.
bool unhook_logger(std::string_view name, const Client& client);

/// Records that were sent by nobody because metlog itself had given them to the library, by a
/// StdLibLoggingSender: they would have gone round for ever. Of the whole process.
std::uint64_t hook_echoes();

/// One logger of a host's library, as the library's sink sees it.
class HookSink {
 public:
  /// The logger's name; "" for the root.
  explicit HookSink(std::string_view name) : name_(name) {}

  /// A record whose text is complete: arguments in place, without time, level and newline. Of a
  /// library with a queue, HostLogger::logs_later, it is the text that was logged, unchanged, or
  /// echoes are not known.
  void log(HostLevel level, std::string_view text) const;
  /// The same for libraries that have syslog's levels.
  void log(Severity severity, std::string_view text) const;

 private:
  const std::string name_;
};

}  // namespace metlog
