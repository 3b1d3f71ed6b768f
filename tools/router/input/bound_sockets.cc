#include "tools/router/input/bound_sockets.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "metlog/internal/base/errno_status.h"

namespace metlog {
namespace {

absl::StatusOr<UniqueFd> bound_socket(const UdpAddress& to, int type, std::string_view text,
                                      int& error) {
  UniqueFd fd(::socket(to.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) {
    error = errno;
    return absl::UnavailableError(
        errno_status(error, fmt::format("{}: no socket", text),
                     "raise the limit of open files (ulimit -n), or name an address of the other "
                     "family, IPv4 or IPv6")
            .message());
  }
  // What is left of the connections of an earlier run does not keep the port.
  const int on = 1;
  if (type == SOCK_STREAM) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), to.get(), to.size) == 0) return fd;
  error = errno;
  return cannot_bind(text, error, "port 0");
}

}  // namespace

absl::StatusOr<std::vector<UniqueFd>> bound_sockets(std::vector<UdpAddress> addresses, int type,
                                                    Reach reach, std::string_view text) {
  std::vector<UniqueFd> sockets;
  absl::Status last;
  for (UdpAddress& to : addresses) {
    if (reach == Reach::kLoopbackOnly && !to.is_loopback()) {
      return absl::PermissionDeniedError(
          fmt::format("{}: refused, for this address can be reached from other machines and {} "
                      "no proof of who sent them. Bind 127.0.0.1, or say --allow-remote "
                      "(allow_remote = true in a file)",
                      text, type == SOCK_DGRAM ? "datagrams carry" : "lines carry"));
    }
    if (!sockets.empty()) to.set_port(port_of(sockets.front().get()));
    int error = 0;
    absl::StatusOr<UniqueFd> bound = bound_socket(to, type, text, error);
    if (bound.ok()) {
      sockets.push_back(*std::move(bound));
      continue;
    }
    last = bound.status();
    if (addresses.size() == 1 || !is_about_address(error)) return last;
  }
  if (sockets.empty()) return last;
  return sockets;
}

}  // namespace metlog
