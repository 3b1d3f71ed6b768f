#include "tools/metlog/tune/measure/transport.h"

#include <array>

namespace metlog {
namespace {

struct Known {
  Transport transport;
  std::string_view name;
  std::string_view address;
  std::string_view query;
};
constexpr std::array kKnown = {
    Known{Transport::kNull, "null", "null:", ""},
    Known{Transport::kFile, "file", "file:///var/log/app.jsonl", ""},
    Known{Transport::kTcp, "tcp", "tcp://127.0.0.1:5565", ""},
    Known{Transport::kTcpBatched, "tcp-batched", "tcp://127.0.0.1:5565", "?batch=1"},
    Known{Transport::kIpc, "ipc", "ipc:///run/metlog.ipc", ""},
    Known{Transport::kIpcBatched, "ipc-batched", "ipc:///run/metlog.ipc", "?batch=1"},
    Known{Transport::kUdp, "udp", "udp://127.0.0.1:5565", ""},
    Known{Transport::kUdpBatched, "udp-batched", "udp://127.0.0.1:5565", "?batch=1"},
    Known{Transport::kUdpSegmented, "udp-segmented", "udp://127.0.0.1:5565", "?batch=1&segment=1"},
};

const Known& known(Transport transport) { return kKnown[static_cast<std::size_t>(transport)]; }

}  // namespace

std::string_view name_of(Transport transport) { return known(transport).name; }

std::optional<Transport> parse_transport(std::string_view name) {
  for (const Known& entry : kKnown) {
    if (entry.name == name) return entry.transport;
  }
  return std::nullopt;
}

const std::vector<Transport>& all_transports() {
  static const std::vector<Transport> kAll = [] {
    std::vector<Transport> all;
    for (const Known& entry : kKnown) all.push_back(entry.transport);
    return all;
  }();
  return kAll;
}

std::string transport_names() {
  std::string names;
  for (const Known& entry : kKnown) {
    if (!names.empty()) names += ", ";
    names += entry.name;
  }
  return names;
}

std::string_view query_of(Transport transport) { return known(transport).query; }

std::string example_url(Transport transport) {
  std::string url(known(transport).address);
  url += known(transport).query;
  return url;
}

}  // namespace metlog
