#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "metlog/host_level.h"
#include "metlog/severity.h"

namespace metlog {

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
