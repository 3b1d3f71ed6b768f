#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/router/input/input.h"

namespace metlog {

/// Where a socket of IP may be bound: UDP, or TCP.
struct UdpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  void set_port(std::uint16_t port);
  /// HOST:PORT, in numbers.
  [[nodiscard]] std::string text() const;
  /// True when only this machine reaches it.
  [[nodiscard]] bool is_loopback() const;
};

/// Resolves HOST:PORT, with or without udp:// before it; an IPv6 host is in brackets. Returns all
/// addresses of the host, one at least. kInvalidArgument names what is wrong with it.
absl::StatusOr<std::vector<UdpAddress>> resolve_udp_addresses(std::string_view text);
/// The same of HOST:PORT, with or without tcp:// before it.
absl::StatusOr<std::vector<UdpAddress>> resolve_tcp_addresses(std::string_view text);
/// The first of those of UDP.
absl::StatusOr<UdpAddress> resolve_udp_address(std::string_view text);

/// The port that the socket is bound to.
std::uint16_t port_of(int fd);
/// The address that the socket is bound to, as udp://HOST:PORT.
std::string bound_udp_url(int fd);
std::string bound_tcp_url(int fd);

/// The endpoints, one at least, as libzmq takes them, to which a ZMQ input is to be bound: ipc://
/// always, tcp:// on loopback or with kAnywhere. A host's name becomes all its addresses: libzmq
/// takes a name for that of a network interface. kInvalidArgument for any other URL,
/// kPermissionDenied for an address that is refused.
absl::StatusOr<std::vector<std::string>> zmq_endpoints_to_bind(std::string_view text, Reach reach);

/// What is wrong with the text of an address, in the form that resolve_udp_addresses(),
/// resolve_tcp_addresses() and zmq_endpoints_to_bind() take: kInvalidArgument, or kPermissionDenied
/// for a number that `reach` excludes. Resolves no name.
absl::Status check_udp_address(std::string_view text, Reach reach);
absl::Status check_tcp_address(std::string_view text, Reach reach);
absl::Status check_zmq_endpoint(std::string_view text, Reach reach);

/// True when the system says that it has no such address, while others of the same host may do.
bool is_about_address(int error);

}  // namespace metlog
