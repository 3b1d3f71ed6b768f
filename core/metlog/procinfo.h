#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "metlog/client.h"

namespace metlog {

/// What send_procinfo() reads of a process, all from /proc. Nothing is chosen at first.
///
/// A value is a message of type `procinfo`: the payload is a number, `fields.logger` is
/// `psutil.GROUP.HOST.PID` with the host's dots as underscores, `fields.name` is the value's name,
/// and `fields.rate` is "1".
struct ProcInfo {
  std::int64_t pid = 0;  ///< 0: the calling process
  bool cpu = false;      ///< cpu: `user`, `sys`; seconds
  /// io: `read_bytes`, `write_bytes` of storage; `read_count`, `write_count`, the system calls.
  bool io = false;
  bool mem = false;      ///< meminfo: `pcnt` of physical memory, 0 to 100; `rss`, `vms`, bytes
  bool threads = false;  ///< thread: `TID.sys`, `TID.user` of each thread; seconds
  /// busy: `total_cpu` and `uptime` of the process, seconds; `pcnt`, their ratio, 1.0 for one CPU.
  bool busy = false;
  /// net: the number of connections in a state, by `IP:PORT.STATUS` with the dots of IP as
  /// underscores; UDP for a socket without a state. The address is the local one for connections of
  /// a server, otherwise the remote one.
  bool net = false;
  /// For net: local addresses `host:port` that are servers beside those that listen.
  std::vector<std::string> server_addr = {};
};

/// Reads a process and sends what was read, with the client's logger and severity. Sends all that
/// was chosen, or nothing when a part cannot be read: kNotFound for a process that is not there,
/// kPermissionDenied for one of another user, kInvalidArgument for an address that names no port or
/// an unknown host. Reads some files for each part, and one for each thread; a host name is looked
/// up, which waits for the network. Any thread.
absl::Status send_procinfo(Client& client, const ProcInfo& what);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
