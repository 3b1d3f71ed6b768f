#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"

namespace metlog {

/// The addresses of a UDP destination, and a datagram socket that does not wait, connected to one
/// of them. A closed port answers with an ICMP error, which the kernel reports to the socket later:
/// on the same machine before send() returns. Used by one thread.
class UdpTarget {
 public:
  /// Resolves the host now and connects to the first address that can be reached.
  /// `send_buffer_bytes` is requested from the kernel unless it is 0. `url` is for messages.
  /// kUnavailable and the like carry the system's reason.
  static absl::StatusOr<UdpTarget> open(const HostAndPort& target, std::string_view url,
                                        int send_buffer_bytes = 0);

  [[nodiscard]] int fd() const { return addresses_[current_].socket.get(); }
  /// How many addresses the host has.
  [[nodiscard]] std::size_t address_count() const { return addresses_.size(); }
  /// Goes on to the next address that can be reached, after the last to the first; may stay.
  void turn();
  /// Returns how many datagrams were refused on their way since the last call.
  std::size_t take_refusals();

 private:
  struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    UniqueFd socket;  // none before it is needed
  };

  /// Returns 0 or an errno.
  int connect(Address& address) const;

  std::vector<Address> addresses_;
  std::size_t current_ = 0;
  int send_buffer_bytes_ = 0;
};

/// True for errors that say: try again later.
bool is_udp_busy(int error);

}  // namespace metlog
