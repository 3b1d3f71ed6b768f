#pragma once

#include <netdb.h>

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"

namespace metlog {

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};
/// A list of one address or more.
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

/// Asks the system for the addresses of a host, which may take seconds. `socket_type` is
/// SOCK_DGRAM or SOCK_STREAM; `url` is for messages. kUnavailable carries the system's reason.
absl::StatusOr<Addresses> resolve_host(const HostAndPort& target, int socket_type,
                                       std::string_view url);

}  // namespace metlog
