#include "senders/udp/udp_socket.h"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"

namespace metlog {
namespace {

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

absl::StatusOr<Addresses> resolve(const HostAndPort& target, absl::string_view url) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = absl::StrCat(target.port);
  const int error = ::getaddrinfo(target.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot resolve host '", target.host, "' in '", url,
                                               "': ", ::gai_strerror(error),
                                               "; check the name or write its address"));
  }
  return Addresses(found);
}

absl::StatusOr<UniqueFd> connect_to(const addrinfo* addresses, absl::string_view url) {
  int error = EDESTADDRREQ;
  for (const addrinfo* at = addresses; at != nullptr; at = at->ai_next) {
    UniqueFd fd(::socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.is_open() && ::connect(fd.get(), at->ai_addr, at->ai_addrlen) == 0) return fd;
    error = errno;
  }
  return errno_status(error, absl::StrCat("cannot open a socket to '", url, "'"),
                      "check the address and the routes of this machine");
}

}  // namespace

absl::StatusOr<UniqueFd> open_udp_socket(const HostAndPort& target, std::string_view url,
                                         int send_buffer_bytes) {
  const absl::string_view shown(url.data(), url.size());
  const absl::StatusOr<Addresses> addresses = resolve(target, shown);
  if (!addresses.ok()) return addresses.status();
  absl::StatusOr<UniqueFd> socket = connect_to(addresses->get(), shown);
  if (!socket.ok() || send_buffer_bytes == 0) return socket;
  if (::setsockopt(socket->get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes,
                   sizeof send_buffer_bytes) != 0) {
    const int error = errno;
    return errno_status(error,
                        absl::StrCat("cannot set sndbuf=", send_buffer_bytes, " of '", shown, "'"),
                        "leave the option out");
  }
  return socket;
}

}  // namespace metlog
