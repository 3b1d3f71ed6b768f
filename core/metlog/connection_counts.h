#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>

namespace metlog {

/// How the connections of a destination have fared. Each of its senders counts from its own start,
/// so a client's counts begin again with another destination. They explain losses, and are in no
/// identity with them. 0 where a destination has no such thing.
struct ConnectionCounts {
  std::uint64_t up = 0;            // connections that stand now
  std::uint64_t connected = 0;     // that were made
  std::uint64_t disconnected = 0;  // that ended, by the peer, by its silence, or on the way to it
  std::uint64_t failed = 0;        // tries that made none
  std::uint64_t refused = 0;       // that ended before the peers agreed: handshakes of ZeroMQ
  std::uint64_t resolved = 0;      // times that the name of the host was resolved again
  std::uint64_t no_room = 0;       // times that the kernel had no room for a datagram

  ConnectionCounts& operator+=(const ConnectionCounts& more) {
    up += more.up;
    connected += more.connected;
    disconnected += more.disconnected;
    failed += more.failed;
    refused += more.refused;
    resolved += more.resolved;
    no_room += more.no_room;
    return *this;
  }
  friend bool operator==(const ConnectionCounts&, const ConnectionCounts&) = default;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
