#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// A way for messages to leave a process, as `metlog tune` compares them.
enum class Transport : std::uint8_t {
  kNull,
  kFile,
  kTcp,
  kTcpBatched,
  kIpc,
  kIpcBatched,
  kUdp,
  kUdpBatched,
  kUdpSegmented,
};

/// As it stands in tables and on the command line: "tcp", "tcp-batched", ...
std::string_view name_of(Transport transport);
std::optional<Transport> parse_transport(std::string_view name);
const std::vector<Transport>& all_transports();
/// The names, separated by commas.
std::string transport_names();

/// What its URL says behind the address: "" or "?batch=1".
std::string_view query_of(Transport transport);
/// A URL of this transport as a program would have it.
std::string example_url(Transport transport);

[[nodiscard]] constexpr bool is_udp(Transport transport) { return transport >= Transport::kUdp; }
[[nodiscard]] constexpr bool is_zmq(Transport transport) {
  return transport >= Transport::kTcp && transport <= Transport::kIpcBatched;
}
[[nodiscard]] constexpr bool is_ipc(Transport transport) {
  return transport == Transport::kIpc || transport == Transport::kIpcBatched;
}

}  // namespace metlog
