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

/// Reads HOST:PORT, with or without udp:// before it; an IPv6 host stands in brackets.
/// kInvalidArgument names what is wrong with it.
absl::StatusOr<UdpAddress> resolve_udp_address(std::string_view text);

/// The address that the socket is bound to, as udp://HOST:PORT.
std::string bound_udp_url(int fd);

/// Whether a ZMQ input may be bound to `endpoint`: ipc:// always, tcp:// on loopback or with
/// kAnywhere. kInvalidArgument for what is neither, kPermissionDenied for what is refused.
absl::Status check_zmq_endpoint(std::string_view endpoint, Reach reach);

/// True for decimal digits that name a port, 0 to 65535.
bool is_port(std::string_view text);

}  // namespace metlog
