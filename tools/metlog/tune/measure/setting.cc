#include "tools/metlog/tune/measure/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace metlog {
namespace {

struct TransportEntry {
  Transport transport;
  std::string_view name;
  std::string_view address;
  std::string_view query;
};
constexpr std::array kTransports = {
    TransportEntry{Transport::kNull, "null", "null:", ""},
    TransportEntry{Transport::kFile, "file", "file:///var/log/app.jsonl", ""},
    TransportEntry{Transport::kTcp, "tcp", "tcp://127.0.0.1:5565", ""},
    TransportEntry{Transport::kTcpBatched, "tcp-batched", "tcp://127.0.0.1:5565", "?batch=1"},
    TransportEntry{Transport::kIpc, "ipc", "ipc:///run/metlog.ipc", ""},
    TransportEntry{Transport::kIpcBatched, "ipc-batched", "ipc:///run/metlog.ipc", "?batch=1"},
    TransportEntry{Transport::kUdp, "udp", "udp://127.0.0.1:5565", ""},
    TransportEntry{Transport::kUdpBatched, "udp-batched", "udp://127.0.0.1:5565", "?batch=1"},
    TransportEntry{Transport::kUdpSegmented, "udp-segmented", "udp://127.0.0.1:5565",
                   "?batch=1&segment=1"},
};

const TransportEntry& entry_of(Transport transport) {
  return kTransports[static_cast<std::size_t>(transport)];
}

}  // namespace

std::string_view name_of(Transport transport) { return entry_of(transport).name; }

std::optional<Transport> parse_transport(std::string_view name) {
  for (const TransportEntry& entry : kTransports) {
    if (entry.name == name) return entry.transport;
  }
  return std::nullopt;
}

const std::vector<Transport>& all_transports() {
  static const std::vector<Transport> kAll = [] {
    std::vector<Transport> all;
    all.reserve(kTransports.size());
    for (const TransportEntry& entry : kTransports) all.push_back(entry.transport);
    return all;
  }();
  return kAll;
}

std::string transport_names() {
  std::string names;
  for (const TransportEntry& entry : kTransports) {
    if (!names.empty()) names += ", ";
    names += entry.name;
  }
  return names;
}

std::string_view query_of(Transport transport) { return entry_of(transport).query; }

std::string example_url(Transport transport) {
  std::string url(entry_of(transport).address);
  url += entry_of(transport).query;
  return url;
}

namespace {

struct AxisText {
  std::string_view name;
  std::string_view title;
};
constexpr std::array kAxes = {
    AxisText{"transport", "transport"},
    AxisText{"idle", "idle strategy of the flusher"},
    AxisText{"poll", "shortest sleep (us)"},
    AxisText{"max_poll", "longest sleep under load (us)"},
    AxisText{"quiet", "longest sleep of a quiet process (us)"},
    AxisText{"wake", "calls wake the flusher when a ring fills"},
    AxisText{"batch", "batch size (bytes)"},
    AxisText{"ring", "ring size (bytes)"},
    AxisText{"pool", "connections"},
    AxisText{"threads", "calling threads"},
    AxisText{"size", "text argument (bytes)"},
    AxisText{"confirm", "confirmation"},
};

template <class T>
using Values = std::vector<T>;

constexpr std::size_t kKi = 1024;

template <class T, class Member>
std::vector<Setting> with_each(Setting from, Member member, Values<T> values) {
  if (std::find(values.begin(), values.end(), from.*member) == values.end()) {
    values.push_back(from.*member);
    std::sort(values.begin(), values.end());
  }
  std::vector<Setting> settings;
  for (const T value : values) {
    from.*member = value;
    settings.push_back(from);
  }
  return settings;
}

}  // namespace

std::string_view name_of(Idle idle) {
  constexpr std::array<std::string_view, 3> kNames = {"sleep", "yield", "spin"};
  return kNames[static_cast<std::size_t>(idle)];
}

std::string_view name_of(Axis axis) { return kAxes[static_cast<std::size_t>(axis)].name; }
std::string_view title_of(Axis axis) { return kAxes[static_cast<std::size_t>(axis)].title; }

std::string bytes_text(std::size_t bytes) {
  if (bytes >= kKi * kKi && bytes % (kKi * kKi) == 0) return fmt::format("{} MiB", bytes >> 20);
  if (bytes >= kKi && bytes % kKi == 0) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} B", bytes);
}

std::string value_text(Axis axis, const Setting& setting) {
  switch (axis) {
    case Axis::kTransport:
      return std::string(name_of(setting.transport));
    case Axis::kIdle:
      return std::string(name_of(setting.idle));
    case Axis::kPoll:
      return fmt::format("{} us", setting.poll_us);
    case Axis::kMaxPoll:
      return fmt::format("{} us", setting.max_poll_us);
    case Axis::kQuiet:
      return fmt::format("{} us", setting.idle_us);
    case Axis::kWake:
      return setting.wakes ? "true" : "false";
    case Axis::kBatch:
      return bytes_text(setting.batch_bytes);
    case Axis::kRing:
      return bytes_text(setting.ring_bytes);
    case Axis::kPool:
      return fmt::format("{}", setting.pool_size);
    case Axis::kThreads:
      return fmt::format("{}", setting.threads);
    case Axis::kSize:
      return fmt::format("{} B", setting.size);
    case Axis::kConfirm:
      break;
  }
  return "";
}

double value_number(Axis axis, const Setting& setting) {
  switch (axis) {
    case Axis::kPoll:
      return static_cast<double>(setting.poll_us);
    case Axis::kMaxPoll:
      return static_cast<double>(setting.max_poll_us);
    case Axis::kQuiet:
      return static_cast<double>(setting.idle_us);
    case Axis::kBatch:
      return static_cast<double>(setting.batch_bytes);
    case Axis::kRing:
      return static_cast<double>(setting.ring_bytes);
    case Axis::kPool:
      return static_cast<double>(setting.pool_size);
    case Axis::kThreads:
      return static_cast<double>(setting.threads);
    case Axis::kSize:
      return static_cast<double>(setting.size);
    default:
      return 0;
  }
}

Setting with_value(Axis axis, const Setting& from, Setting to) {
  if (axis == Axis::kTransport) to.transport = from.transport;
  if (axis == Axis::kIdle) to.idle = from.idle;
  if (axis == Axis::kPoll) to.poll_us = from.poll_us;
  if (axis == Axis::kMaxPoll) to.max_poll_us = from.max_poll_us;
  if (axis == Axis::kQuiet) to.idle_us = from.idle_us;
  if (axis == Axis::kWake) to.wakes = from.wakes;
  if (axis == Axis::kBatch) to.batch_bytes = from.batch_bytes;
  if (axis == Axis::kRing) to.ring_bytes = from.ring_bytes;
  if (axis == Axis::kPool) to.pool_size = from.pool_size;
  if (axis == Axis::kThreads) to.threads = from.threads;
  if (axis == Axis::kSize) to.size = from.size;
  return to;
}

std::vector<Setting> variants(Axis axis, const Setting& from, Extent extent) {
  const bool all = extent == Extent::kFull;
  Setting pooled = from;
  pooled.threads = std::max<std::size_t>(from.threads, 2);
  using Sizes = Values<std::size_t>;
  using Times = Values<std::uint64_t>;
  switch (axis) {
    case Axis::kTransport:
      return with_each(from, &Setting::transport, all_transports());
    case Axis::kIdle:
      return with_each(from, &Setting::idle, Values<Idle>{Idle::kSleep, Idle::kYield, Idle::kSpin});
    case Axis::kPoll:
      return with_each(from, &Setting::poll_us,
                       all ? Times{10, 50, 100, 500, 2000} : Times{20, 500});
    case Axis::kMaxPoll:
      return with_each(from, &Setting::max_poll_us,
                       all ? Times{500, 1000, 2000, 5000, 20'000} : Times{1000, 20'000});
    case Axis::kQuiet:
      return with_each(from, &Setting::idle_us,
                       all ? Times{5000, 20'000, 100'000, 500'000} : Times{10'000});
    case Axis::kWake:
      return with_each(from, &Setting::wakes, Values<bool>{false, true});
    case Axis::kBatch:
      return with_each(from, &Setting::batch_bytes,
                       all ? Sizes{4 * kKi, 16 * kKi, 64 * kKi, 256 * kKi, 1024 * kKi}
                           : Sizes{64 * kKi, 1024 * kKi});
    case Axis::kRing:
      return with_each(from, &Setting::ring_bytes,
                       all ? Sizes{16 * kKi, 64 * kKi, 256 * kKi, 1024 * kKi, 4096 * kKi}
                           : Sizes{64 * kKi, 1024 * kKi});
    case Axis::kPool:
      return with_each(pooled, &Setting::pool_size, all ? Sizes{1, 2, 4} : Sizes{1, 2});
    case Axis::kThreads:
      return with_each(from, &Setting::threads, all ? Sizes{1, 2, 4} : Sizes{1, 2});
    case Axis::kSize:
      return with_each(from, &Setting::size, all ? Sizes{16, 64, 256, 1024} : Sizes{16, 256});
    case Axis::kConfirm:
      break;
  }
  return {from};
}

ValueMap to_value(const Setting& setting) {
  return {{"transport", name_of(setting.transport)},
          {"idle", name_of(setting.idle)},
          {"poll_us", setting.poll_us},
          {"max_poll_us", setting.max_poll_us},
          {"idle_us", setting.idle_us},
          {"wakes", setting.wakes},
          {"batch_bytes", setting.batch_bytes},
          {"ring_bytes", setting.ring_bytes},
          {"pool_size", setting.pool_size},
          {"threads", setting.threads},
          {"size", setting.size}};
}

}  // namespace metlog
