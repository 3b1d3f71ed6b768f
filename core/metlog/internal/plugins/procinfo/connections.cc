#include "metlog/internal/plugins/procinfo/connections.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace metlog {
namespace {

constexpr std::string_view kNone = "*:*";

/// The states of TCP by their numbers in the kernel, from 1.
constexpr std::array<std::string_view, 12> kStates = {
    "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
    "CLOSE",       "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING",   "SYN_RECV"};

bool read_hex(absl::string_view digits, std::uint32_t& number) {
  return absl::SimpleHexAtoi(digits, &number);
}

/// `0100007F:1F90`, the words of an address as the kernel holds them. Port 0 is no address.
bool read_address(absl::string_view text, std::string& address) {
  constexpr std::size_t kWordDigits = 8;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  std::array<std::uint32_t, 4> words{};
  std::uint32_t port = 0;
  if (parts.size() != 2 || !read_hex(parts[1], port)) return false;
  const std::size_t count = parts[0].size() / kWordDigits;
  if (parts[0].size() % kWordDigits != 0 || (count != 1 && count != words.size())) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!read_hex(parts[0].substr(i * kWordDigits, kWordDigits), words[i])) return false;
  }
  std::array<char, INET6_ADDRSTRLEN> ip{};
  ::inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), ip.data(), ip.size());
  address = port == 0 ? std::string(kNone) : absl::StrCat(ip.data(), ":", port);
  return true;
}

/// The inodes of the process's open sockets.
absl::StatusOr<std::set<std::string>> open_sockets(const ProcessFiles& process) {
  constexpr std::string_view kSocket = "socket:[";
  const absl::StatusOr<std::vector<std::string>> descriptors = process.list("fd");
  if (!descriptors.ok()) return descriptors.status();
  std::set<std::string> inodes;
  for (const std::string& descriptor : *descriptors) {
    const std::string target = process.link("fd/" + descriptor);
    if (!target.starts_with(kSocket) || !target.ends_with(']')) continue;
    inodes.insert(target.substr(kSocket.size(), target.size() - kSocket.size() - 1));
  }
  return inodes;
}

}  // namespace

bool parse_connection(std::string_view line, bool is_tcp, Connection& connection,
                      std::string& inode) {
  enum Field : std::size_t { kLocal = 1, kRemote = 2, kState = 3, kInode = 9 };
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(line.data(), line.size()), ' ', absl::SkipEmpty());
  std::uint32_t state = 0;
  if (fields.size() <= kInode || !read_hex(fields[kState], state) ||
      !read_address(fields[kLocal], connection.local) ||
      !read_address(fields[kRemote], connection.remote)) {
    return false;
  }
  connection.status.clear();
  if (is_tcp) {
    const bool is_known = state >= 1 && state <= kStates.size();
    connection.status = is_known ? std::string(kStates[state - 1]) : absl::StrCat("STATE_", state);
  }
  inode = std::string(fields[kInode]);
  return true;
}

absl::StatusOr<std::vector<Connection>> connections_of(const ProcessFiles& process) {
  absl::StatusOr<std::set<std::string>> inodes = open_sockets(process);
  if (!inodes.ok()) return inodes.status();
  std::vector<Connection> connections;
  for (const char* const table : {"net/tcp", "net/tcp6", "net/udp", "net/udp6"}) {
    const absl::StatusOr<std::string> text = process.read(table);
    if (!text.ok()) continue;  // a kernel without IPv6
    const bool is_tcp = std::string_view(table).find("tcp") != std::string_view::npos;
    for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
      Connection connection;
      std::string inode;
      if (!parse_connection({line.data(), line.size()}, is_tcp, connection, inode)) continue;
      // The kernel may write a socket twice when its table changes while it is read.
      if (inodes->erase(inode) != 0) connections.push_back(std::move(connection));
    }
  }
  return connections;
}

std::vector<ConnectionCount> count_connections(const std::vector<Connection>& connections,
                                               const std::vector<std::string>& servers) {
  std::set<std::string> server_addresses(servers.begin(), servers.end());
  for (const Connection& connection : connections) {
    if (connection.remote == kNone) server_addresses.insert(connection.local);
  }
  std::map<std::string, std::int64_t> counts;
  for (const Connection& connection : connections) {
    const bool is_server = server_addresses.contains(connection.local);
    std::string key = is_server ? connection.local : connection.remote;
    std::replace(key.begin(), key.end(), '.', '_');
    ++counts[key + '.' + (connection.status.empty() ? "UDP" : connection.status)];
  }
  std::vector<ConnectionCount> list;
  for (const auto& [key, count] : counts) list.push_back({key, count});
  return list;
}

absl::StatusOr<std::string> numeric_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("server_addr \"", address, "\" names no port; write host:port"));
  }
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, host.c_str(), bytes.data()) == 1) return host + port;
  }
  addrinfo hints{};
  hints.ai_family = AF_INET;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("server_addr \"", address, "\": ", ::gai_strerror(error)));
  }
  std::array<char, INET_ADDRSTRLEN> ip{};
  const auto* const in = reinterpret_cast<const sockaddr_in*>(list->ai_addr);
  ::inet_ntop(AF_INET, &in->sin_addr, ip.data(), ip.size());
  return absl::StrCat(ip.data(), port);
}

}  // namespace metlog
