#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "senders/sender/host_lookup.h"
#include "senders/sender/live_connection_counts.h"

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
                                        int send_buffer_bytes = 0,
                                        HostResolver resolve = resolve_host);

  [[nodiscard]] int fd() const { return addresses_[current_].socket.get(); }
  /// How many addresses the host has.
  [[nodiscard]] std::size_t address_count() const { return addresses_.size(); }
  /// Goes on to the next address that can be reached, after the last to the first; may stay. Behind
  /// the last it looks the name up again, see HostLookup: true when that led to other addresses.
  bool turn(LiveConnectionCounts& counts);
  /// Looks the name up again once a HostLookup::kChangeInterval. Returns what take_refusals() has
  /// not returned yet of the addresses that it has left.
  std::size_t refresh(LiveConnectionCounts& counts);
  /// Returns how many datagrams were refused on their way since the last call.
  std::size_t take_refusals();

 private:
  struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    UniqueFd socket;  // none before it is needed
  };

  UdpTarget(HostLookup lookup, int send_buffer_bytes)
      : lookup_(std::move(lookup)), send_buffer_bytes_(send_buffer_bytes) {}
  /// Returns 0 or an errno.
  int connect(Address& address) const;
  /// Takes the addresses, and connects to the first that can be reached. Returns 0, or an errno and
  /// nothing has changed.
  int use(Addresses found);
  /// True when they were others.
  bool use_if_new(Addresses found, LiveConnectionCounts& counts);
  [[nodiscard]] std::size_t refusals_everywhere() const;

  HostLookup lookup_;
  Addresses found_;
  std::vector<Address> addresses_;
  std::size_t current_ = 0;
  int send_buffer_bytes_ = 0;
};

/// True for errors that say: try again later.
bool is_udp_busy(int error);

}  // namespace metlog
