#include "senders/udp/udp_socket.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "senders/sender/resolved_host.h"

namespace metlog {
namespace {

/// Asks the kernel to keep every ICMP error about the socket's datagrams, not only the last.
void keep_errors(int socket, int family) {
  const int on = 1;
  if (family == AF_INET6) {
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  } else {
    ::setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  }
}

/// True when one of the errors is about a datagram that had been sent.
bool is_refusal(msghdr& received) {
  for (cmsghdr* at = CMSG_FIRSTHDR(&received); at != nullptr; at = CMSG_NXTHDR(&received, at)) {
    const bool is_error = (at->cmsg_level == SOL_IP && at->cmsg_type == IP_RECVERR) ||
                          (at->cmsg_level == SOL_IPV6 && at->cmsg_type == IPV6_RECVERR);
    if (!is_error) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(at), sizeof error);
    if (error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<UdpTarget> UdpTarget::open(const HostAndPort& target, std::string_view url,
                                          int send_buffer_bytes) {
  const absl::string_view shown(url.data(), url.size());
  const absl::StatusOr<Addresses> found = resolve_host(target, SOCK_DGRAM, url);
  if (!found.ok()) return found.status();
  UdpTarget peer;
  peer.send_buffer_bytes_ = send_buffer_bytes;
  int error = EDESTADDRREQ;
  bool is_connected = false;
  for (const addrinfo* at = found->get(); at != nullptr; at = at->ai_next) {
    Address& address = peer.addresses_.emplace_back();
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    if (is_connected) continue;
    peer.current_ = peer.addresses_.size() - 1;
    error = peer.connect(address);
    is_connected = error == 0;
  }
  if (is_connected) return peer;
  return errno_status(error, absl::StrCat("cannot open a socket to '", shown, "'"),
                      send_buffer_bytes == 0
                          ? "check the address and the routes of this machine"
                          : "check the address and the routes of this machine, and sndbuf");
}

int UdpTarget::connect(Address& address) const {
  const int family = address.storage.ss_family;
  UniqueFd fd(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return errno;
  keep_errors(fd.get(), family);
  if (send_buffer_bytes_ != 0 && ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes_,
                                              sizeof send_buffer_bytes_) != 0) {
    return errno;
  }
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return errno;
  }
  address.socket = std::move(fd);
  return 0;
}

void UdpTarget::turn() {
  for (std::size_t step = 1; step < addresses_.size(); ++step) {
    const std::size_t next = (current_ + step) % addresses_.size();
    if (!addresses_[next].socket.is_open() && connect(addresses_[next]) != 0) continue;
    current_ = next;
    return;
  }
}

std::size_t UdpTarget::take_refusals() {
  std::size_t count = 0;
  alignas(cmsghdr) std::array<char, 512> control;
  msghdr received{};
  while (true) {
    received.msg_control = control.data();
    received.msg_controllen = control.size();
    if (::recvmsg(fd(), &received, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return count;
    if (is_refusal(received)) ++count;
  }
}

bool is_udp_busy(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

}  // namespace metlog
