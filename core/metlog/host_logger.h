#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

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

/// A level of another logging library in the program (the host), in the numbers of the reference's
/// host. Any number is valid.
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

/// The severity of the nearest named level, the more severe of two: DEBUG 7, INFO 6, WARNING 4,
/// ERROR 3, CRITICAL 2.
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
  std::int64_t severity;  // of the message
  std::string_view text;  // a payload or an envelope, without a newline at its end
};

/// A logger of another library in the program, such as spdlog or glog, to which metlog writes. Used
/// by the threads of connections, one for each.
struct HostLogger {
  /// If it throws, the message is lost as `refused`.
  std::function<void(const HostRecord& record)> log;
  /// Waits until everything that log() took has left the process; false when the limit expires
  /// first. Null when there is nothing to wait for.
  std::function<bool(std::chrono::nanoseconds limit)> flush = nullptr;
  /// True when the library's sinks run on another thread, after a queue. hook_logger() then
  /// recognizes metlog's own records by their text.
  bool logs_later = false;
};

/// Registers a logger for the senders that a configuration names; "" is the root. kAlreadyExists
/// when the name is taken, kInvalidArgument without a function. Any thread, here and below.
absl::Status register_host_logger(std::string_view name, HostLogger logger);
/// False when there was none. Senders that use it keep it.
bool unregister_host_logger(std::string_view name);

/// The logger of this name, or the nearest above it: "db.pool", "db", the root. kNotFound suggests
/// names.
absl::StatusOr<std::shared_ptr<const HostLogger>> find_host_logger(std::string_view name);

class Client;

// From a host's logging library into metlog: a sink that the program writes for the library passes
// each record to a HookSink, and the hooked clients send it. docs/plugins.md has sinks for spdlog
// and glog. Any thread.

/// Makes the client send what the host's logger of this name and those below it log: "db" includes
/// "db.pool", "" includes all. The messages are of type `oldstyle`, with the text as payload. False
/// when the client is already hooked to that name; a record that reaches it by several names is
/// sent once. The client must not move until unhook_logger(). Clients of get_client() do not, but
/// one that has lost its name may be closed by the holder and then sends nothing: see holder.h.
bool hook_logger(std::string_view name, Client& client);

/// Unhooks; afterwards no thread is inside. False when it was not hooked.
bool unhook_logger(std::string_view name, const Client& client);

/// Number of records, in the whole process, that were not sent because metlog itself had written
/// them to the library through a StdLibLoggingSender: they would have circulated without end.
std::uint64_t hook_echoes();

/// One logger of a host's library, as the library's sink sees it.
class HookSink {
 public:
  /// The logger's name; "" for the root.
  explicit HookSink(std::string_view name) : name_(name) {}

  /// Passes on a record with its complete text: formatted, without time, level and newline. With a
  /// queue (HostLogger::logs_later) the text must be the logged one, unchanged, or echoes are not
  /// recognized.
  void log(HostLevel level, std::string_view text) const;
  /// For libraries that have syslog's levels.
  void log(Severity severity, std::string_view text) const;

 private:
  const std::string name_;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
