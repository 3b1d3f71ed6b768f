#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/options.h"
#include "metlog/value.h"

namespace metlog {

/// A way for messages to leave a process.
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

/// Its name in tables and on the command line: "tcp", "tcp-batched", ...
std::string_view name_of(Transport transport);
std::optional<Transport> parse_transport(std::string_view name);
const std::vector<Transport>& all_transports();
/// The names, separated by commas.
std::string transport_names();

/// The query of its URL: "" or "?batch=1".
std::string_view query_of(Transport transport);
/// Returns a URL of this transport as a program would use it.
std::string example_url(Transport transport);

[[nodiscard]] constexpr bool is_udp(Transport transport) { return transport >= Transport::kUdp; }
[[nodiscard]] constexpr bool is_zmq(Transport transport) {
  return transport >= Transport::kTcp && transport <= Transport::kIpcBatched;
}
[[nodiscard]] constexpr bool is_ipc(Transport transport) {
  return transport == Transport::kIpc || transport == Transport::kIpcBatched;
}

/// The flusher's idling between two polls.
enum class Idle : std::uint8_t { kSleep, kYield, kSpin };
std::string_view name_of(Idle idle);

/// One point of the space that `metlog tune` searches: the settings of engine and client, and the
/// load (threads and size), which is not a choice.
struct Setting {
  Transport transport = Transport::kTcp;
  Idle idle = Idle::kSleep;
  std::uint64_t poll_us = 100;  // of a flusher that sleeps, as the next three
  std::uint64_t max_poll_us = 5000;
  std::uint64_t idle_us = 100'000;
  bool wakes = EngineOptions{}.wake_when_filling;
  std::size_t batch_bytes = ClientOptions{}.batch_bytes;
  std::size_t ring_bytes = EngineOptions{}.ring_bytes;
  std::size_t pool_size = ClientOptions{}.pool_size;
  std::size_t threads = 1;
  std::size_t size = 16;  // bytes of the text argument

  bool operator==(const Setting&) const = default;
};

/// The axes of the search, the most influential first.
enum class Axis : std::uint8_t {
  kTransport,
  kIdle,
  kPoll,
  kMaxPoll,
  kQuiet,
  kWake,
  kBatch,
  kRing,
  kPool,
  kThreads,
  kSize,
  kConfirm,  // not an axis: the final comparison
};
/// "transport", "idle", "poll", ...
std::string_view name_of(Axis axis);
/// The heading, with the unit: "poll interval (us)".
std::string_view title_of(Axis axis);
/// False for the load, which is shown and not chosen.
[[nodiscard]] constexpr bool is_choice(Axis axis) { return axis < Axis::kThreads; }
/// True for axes with a logarithmic scale.
[[nodiscard]] constexpr bool is_number(Axis axis) {
  return axis >= Axis::kPoll && axis <= Axis::kSize && axis != Axis::kWake;
}
/// True for what only a flusher that sleeps has.
[[nodiscard]] constexpr bool is_of_sleep(Axis axis) {
  return axis >= Axis::kPoll && axis <= Axis::kWake;
}

/// The setting's value on an axis, for a person ("256 KiB") and as a number in the unit of the
/// axis.
std::string value_text(Axis axis, const Setting& setting);
double value_number(Axis axis, const Setting& setting);
/// Returns `to` with the value that `from` has on this axis.
Setting with_value(Axis axis, const Setting& from, Setting to);

/// The number of values tried on an axis: all or few.
enum class Extent : std::uint8_t { kFull, kQuick };
/// Returns the settings that differ from `from` on this axis, and `from` itself. The pool is tried
/// with at least two threads, because one thread's messages take one connection.
std::vector<Setting> variants(Axis axis, const Setting& from, Extent extent);

/// Formats 65536 as "64 KiB", and what is not a whole number of KiB in bytes.
std::string bytes_text(std::size_t bytes);
/// Returns all values, for JSON.
ValueMap to_value(const Setting& setting);

}  // namespace metlog
