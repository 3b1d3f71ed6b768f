#pragma once

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// A bound UDP socket on a port that the kernel chose.
class Receiver {
 public:
  explicit Receiver(int family = AF_INET, int port = 0)
      : socket_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    if (family == AF_INET6) {
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
    } else {
      auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
      v4->sin_family = AF_INET;
      v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof *v4;
    }
    address.sin6_port = htons(static_cast<std::uint16_t>(port));  // in both families
    const int room = 4 << 20;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) return;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin6_port);  // the port lies at the same place in both families
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& options = "") const {
    return "udp://127.0.0.1:" + std::to_string(port_) + options;
  }
  void close() { UniqueFd gone(std::move(socket_)); }
  /// Makes the kernel's buffer small.
  void shrink(int bytes) const {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  /// Datagrams that the kernel dropped for want of room.
  [[nodiscard]] std::uint64_t kernel_drops() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size);
    return memory[SK_MEMINFO_DROPS];
  }

  /// The next `count` datagrams; fewer when none comes for long.
  [[nodiscard]] std::vector<std::string> receive(std::size_t count) const {
    std::vector<std::string> datagrams;
    pollfd entry{socket_.get(), POLLIN, 0};
    while (datagrams.size() < count && ::poll(&entry, 1, 10'000) == 1) {
      std::string datagram(70'000, '\0');
      const ssize_t size = ::recv(socket_.get(), datagram.data(), datagram.size(), 0);
      datagram.resize(static_cast<std::size_t>(size));
      datagrams.push_back(datagram);
    }
    return datagrams;
  }
  [[nodiscard]] bool has_more() const {
    pollfd entry{socket_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }

 private:
  UniqueFd socket_;
  int port_ = 0;
};

}  // namespace metlog
