#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/options.h"

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

/// What the flusher does between two looks.
enum class Idle : std::uint8_t { kSleep, kYield, kSpin };
std::string_view name_of(Idle idle);

/// One point of the space that `metlog tune` looks at. The last two are the load, which nobody can
/// choose; the others are what an engine and a client can be told.
struct Setting {
  Transport transport = Transport::kTcp;
  Idle idle = Idle::kSleep;
  std::uint64_t poll_us = 100;
  std::size_t batch_bytes = ClientOptions{}.batch_bytes;
  std::size_t ring_bytes = EngineOptions{}.ring_bytes;
  std::size_t pool_size = ClientOptions{}.pool_size;
  std::size_t threads = 1;
  std::size_t size = 16;  // bytes of the text argument

  bool operator==(const Setting&) const = default;
};

/// What can be varied, most influential first.
enum class Axis : std::uint8_t {
  kTransport,
  kIdle,
  kPoll,
  kBatch,
  kRing,
  kPool,
  kThreads,
  kSize,
  kConfirm,  // no axis: the last comparison
};
/// "transport", "idle", "look", ...
std::string_view name_of(Axis axis);
/// For headings, with the unit: "poll interval (us)".
std::string_view title_of(Axis axis);
/// False for the load: it is shown, and never chosen.
[[nodiscard]] constexpr bool is_choice(Axis axis) { return axis < Axis::kThreads; }
/// True for axes with a logarithmic scale.
[[nodiscard]] constexpr bool is_number(Axis axis) {
  return axis >= Axis::kPoll && axis <= Axis::kSize;
}

/// The setting's value on an axis, for humans ("256 KiB") and as a number in the axis's unit.
std::string value_text(Axis axis, const Setting& setting);
double value_number(Axis axis, const Setting& setting);
/// `to` with the value that `from` has on this axis.
Setting with_value(Axis axis, const Setting& from, Setting to);

/// How many values of an axis are tried.
enum class Extent : std::uint8_t { kFull, kQuick };
/// The settings that differ from `from` on this axis, `from` itself among them. The pool is tried
/// with two threads at least: one thread's messages take one connection.
std::vector<Setting> variants(Axis axis, const Setting& from, Extent extent);

/// 65536 is "64 KiB"; what is no whole number of them stays in bytes.
std::string bytes_text(std::size_t bytes);
/// All values, as one JSON object.
std::string to_json(const Setting& setting);

}  // namespace metlog
