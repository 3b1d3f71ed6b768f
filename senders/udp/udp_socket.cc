#include "senders/udp/udp_socket.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"

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

/// Takes what the kernel has kept.
std::size_t refusals_at(int socket) {
  std::size_t count = 0;
  alignas(cmsghdr) std::array<char, 512> control;
  msghdr received{};
  while (true) {
    received.msg_control = control.data();
    received.msg_controllen = control.size();
    if (::recvmsg(socket, &received, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return count;
    if (is_refusal(received)) ++count;
  }
}

}  // namespace

absl::StatusOr<UdpTarget> UdpTarget::open(const HostAndPort& target, std::string_view url,
                                          int send_buffer_bytes, HostResolver resolve) {
  const absl::string_view shown(url.data(), url.size());
  UdpTarget peer(HostLookup(target, SOCK_DGRAM, resolve), send_buffer_bytes);
  absl::StatusOr<Addresses> found = peer.lookup_.first(url);
  if (!found.ok()) return found.status();
  const int error = peer.use(*std::move(found));
  if (error == 0) return peer;
  return errno_status(error, absl::StrCat("cannot open a socket to '", shown, "'"),
                      send_buffer_bytes == 0
                          ? "check the address and the routes of this machine"
                          : "check the address and the routes of this machine, and sndbuf");
}

int UdpTarget::use(Addresses found) {
  std::vector<Address> addresses;
  std::size_t current = 0;
  int error = EDESTADDRREQ;
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    Address& address = addresses.emplace_back();
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    if (error == 0) continue;
    current = addresses.size() - 1;
    error = connect(address);
  }
  if (error != 0) return error;
  found_ = std::move(found);
  addresses_ = std::move(addresses);
  current_ = current;
  return 0;
}

bool UdpTarget::use_if_new(Addresses found, LiveConnectionCounts& counts) {
  if (found == nullptr) return false;
  counts.note_resolved();
  return !is_same(found.get(), found_.get()) && use(std::move(found)) == 0;
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

bool UdpTarget::turn(LiveConnectionCounts& counts) {
  if (current_ + 1 == addresses_.size() &&
      use_if_new(lookup_.after_failure(std::chrono::steady_clock::now()), counts)) {
    return true;
  }
  for (std::size_t step = 1; step < addresses_.size(); ++step) {
    const std::size_t next = (current_ + step) % addresses_.size();
    if (!addresses_[next].socket.is_open() && connect(addresses_[next]) != 0) continue;
    current_ = next;
    return false;
  }
  return false;
}

std::size_t UdpTarget::refresh(LiveConnectionCounts& counts) {
  if (!lookup_.is_name()) return 0;
  Addresses found = lookup_.after_a_while(std::chrono::steady_clock::now());
  if (found == nullptr) return 0;
  const std::size_t refusals = refusals_everywhere();
  use_if_new(std::move(found), counts);
  return refusals;
}

std::size_t UdpTarget::take_refusals() { return refusals_at(fd()); }

std::size_t UdpTarget::refusals_everywhere() const {
  std::size_t count = 0;
  for (const Address& address : addresses_) {
    if (address.socket.is_open()) count += refusals_at(address.socket.get());
  }
  return count;
}

bool is_udp_busy(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

}  // namespace metlog
