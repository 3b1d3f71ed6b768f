#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/plugins/procinfo/process_files.h"

namespace metlog {

/// A socket of TCP or UDP, over IPv4 or IPv6. Addresses are `IP:PORT`, `*:*` when absent.
struct Connection {
  std::string local = "*:*";
  std::string remote = "*:*";
  std::string status;  // "LISTEN", "ESTABLISHED", ...; empty for UDP
};

/// The socket of one line of /proc/PID/net/tcp, tcp6, udp or udp6; false for the head of the file.
bool parse_connection(std::string_view line, bool is_tcp, Connection& connection,
                      std::string& inode);

/// The sockets that the process has open. A socket is there once, however many descriptors it has.
absl::StatusOr<std::vector<Connection>> connections_of(const ProcessFiles& process);

/// Connections in one state at one address.
struct ConnectionCount {
  std::string key;  // `IP:PORT.STATUS`, with the dots of the address as underscores
  std::int64_t count = 0;
  friend bool operator==(const ConnectionCount&, const ConnectionCount&) = default;
};

/// Counts connections, in the order of their keys. Local addresses without a remote one, and those
/// of `servers`, are servers: their connections count at the local address, all others at the
/// remote one.
std::vector<ConnectionCount> count_connections(const std::vector<Connection>& connections,
                                               const std::vector<std::string>& servers);

/// `host:port` with the host's IPv4 address in place of its name; waits for the network then.
/// kInvalidArgument.
absl::StatusOr<std::string> numeric_address(const std::string& address);

}  // namespace metlog
