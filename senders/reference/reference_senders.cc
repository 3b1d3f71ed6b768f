// The one table of the reference's sender classes, and those without a file of their own.

#include "senders/reference/reference_senders.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/internal/provider/parameters.h"
#include "senders/reference/sender_arguments.h"
#include "senders/sender/null_sender.h"

namespace metlog {
namespace {

/// A host as a URL could have it; IPv6 with or without brackets.
absl::StatusOr<std::string> host_of(const std::string& name, const Value& written) {
  const bool in_brackets = name.size() > 2 && name.front() == '[' && name.back() == ']';
  std::string host = in_brackets ? name.substr(1, name.size() - 2) : name;
  if (host.find_first_of(",/?[]") == std::string::npos) return host;
  return wrong_argument("host", Value(name), "a host's name or address", &written);
}

}  // namespace

absl::StatusOr<SenderSpec> plan_no_send(const Arguments& arguments) {
  const auto bound = Parameters{"NoSendSender", {}, 0}.bind(arguments);
  if (!bound.ok()) return bound.status();
  return SenderSpec{.connect = [] { return std::make_unique<NoSendSender>(); }, .is_active = false};
}

absl::StatusOr<UdpFanOut::Settings> read_udp(const Arguments& arguments) {
  const auto bound = Parameters{"UdpSender", {"host", "port"}, 2}.bind(arguments);
  if (!bound.ok()) return bound.status();
  const Value& host = *(*bound)[0];
  const Value& port = *(*bound)[1];
  const absl::StatusOr<std::vector<std::string>> names = texts_of("host", host);
  if (!names.ok()) return names.status();
  if (names->empty()) return wrong_argument("host", host, "at least one host");
  const ValueList ports = list_of(port);
  if (ports.empty()) return wrong_argument("port", port, "at least one port");
  UdpFanOut::Settings settings{.destinations = {}, .is_late = true};
  for (std::size_t i = 0; i < names->size(); ++i) {
    absl::StatusOr<std::string> name = host_of((*names)[i], host);
    if (!name.ok()) return name.status();
    const auto number = number_of("port", ports[std::min(i, ports.size() - 1)], 1, 65535, &port);
    if (!number.ok()) return number.status();
    settings.destinations.push_back({*std::move(name), static_cast<std::uint16_t>(*number)});
  }
  return settings;
}

absl::StatusOr<SenderSpec> plan_udp(const Arguments& arguments) {
  absl::StatusOr<UdpFanOut::Settings> settings = read_udp(arguments);
  if (!settings.ok()) return settings.status();
  return SenderSpec{.connect = [settings = *std::move(settings)] {
    return UdpFanOut::open(settings, settings.url());
  }};
}

std::span<const ReferenceClass> reference_classes() {
  constexpr const char* kHandshakeUrl = "tcp://host:port?handshake=tcp://host:port";
  static constexpr std::array kClasses = {
      ReferenceClass{"dev.", "StdOutSender", plan_stdout, "stdout:", false},
      ReferenceClass{"dev.", "StdoutSender", plan_stdout, "stdout:", false},
      ReferenceClass{"dev.", "StreamSender", plan_stream, nullptr, true},
      ReferenceClass{"dev.", "FileSender", plan_file, "file:///path", true},
      ReferenceClass{"dev.", "DebugCaptureSender", plan_capture, nullptr, false},
      ReferenceClass{"logging.", "StdLibLoggingSender", plan_host_logger, nullptr, false},
      ReferenceClass{"udp.", "UdpSender", plan_udp, "udp://host:port", true},
      ReferenceClass{"zmq.", "ZmqHandshakePubSender", plan_zmq_handshake, kHandshakeUrl, true},
      ReferenceClass{"zmq.", "ZmqPubSender", plan_zmq_pub, "tcp://host:port", true},
      ReferenceClass{"", "NoSendSender", plan_no_send, nullptr, false},
  };
  return kClasses;
}

void add_senders(ProviderTable<SenderProvider>& table) {
  for (const ReferenceClass& one : reference_classes()) {
    for (const char* const module : {"", one.module}) {
      // The second is the first again for a class without a module.
      table.add(absl::StrCat("metlog.senders.", module, one.name), one.plan).IgnoreError();
    }
  }
}

}  // namespace metlog
