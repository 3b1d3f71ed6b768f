#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/router/input/input.h"

namespace metlog {

/// Where a UDP socket may be bound.
struct UdpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  /// True when only this machine reaches it.
  [[nodiscard]] bool is_loopback() const;
};

/// Resolves HOST:PORT, with or without udp:// before it; an IPv6 host is in brackets.
/// kInvalidArgument names what is wrong with it.
absl::StatusOr<UdpAddress> resolve_udp_address(std::string_view text);

/// The address that the socket is bound to, as udp://HOST:PORT.
std::string bound_udp_url(int fd);

/// The endpoint, as libzmq takes it, to which a ZMQ input may be bound: ipc:// always, tcp:// on
/// loopback or with kAnywhere. kInvalidArgument for any other URL, kPermissionDenied for an address
/// that is refused.
absl::StatusOr<std::string> zmq_endpoint_to_bind(std::string_view text, Reach reach);

}  // namespace metlog
