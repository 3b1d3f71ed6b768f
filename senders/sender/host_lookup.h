#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "senders/sender/resolved_host.h"

namespace metlog {

/// As resolve_host(), by which a test may stand in for the system's.
using HostResolver = absl::StatusOr<Addresses> (*)(const HostAndPort& target, int socket_type,
                                                   std::string_view url);

/// Looks the name of a host up: first, and again when its addresses do not work or may have
/// changed. The system is asked on the caller's thread, which may wait for seconds where no name
/// server answers; so it is not asked again before ten times as long has passed, a second at least.
/// An address needs no look-up. Used by one thread.
class HostLookup {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// How long addresses that work are used before the name is looked up again.
  static constexpr std::chrono::seconds kChangeInterval{60};

  /// `socket_type` is SOCK_DGRAM or SOCK_STREAM.
  HostLookup(HostAndPort target, int socket_type, HostResolver resolve = resolve_host);

  /// False for an address, of which the calls below need not be made.
  [[nodiscard]] bool is_name() const { return is_name_; }
  /// The first look-up; `url` is for messages. Errors as resolve_host().
  absl::StatusOr<Addresses> first(std::string_view url);
  /// Call it when no address works: null while it is too early, and when the name has none now.
  Addresses after_failure(TimePoint now);
  /// Call it from time to time: the same once a kChangeInterval.
  Addresses after_a_while(TimePoint now);

 private:
  Addresses again(TimePoint now);

  // Not const, so that it can be moved.
  HostAndPort target_;
  int socket_type_;
  HostResolver resolve_;
  bool is_name_;
  TimePoint next_after_failure_;
  TimePoint next_for_change_;
};

/// True when both lists have the same addresses in the same order.
bool is_same(const addrinfo* one, const addrinfo* other);

}  // namespace metlog
