// The reference's sender classes: what their constructors take, and the URL that comes of it.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/provider/parameters.h"
#include "metlog/providers.h"
#include "senders/reference/reference_senders.h"
#include "senders/reference/sender_arguments.h"
#include "senders/udp/udp_socket.h"

namespace metlog {
namespace {

using Plan = absl::StatusOr<SenderSpec>;

/// The destinations of `host` and `port`, paired by position: further hosts have the last port,
/// further ports belong to none.
absl::StatusOr<std::vector<std::string>> pair_up(const Value& host, const Value& port) {
  const absl::StatusOr<std::vector<std::string>> hosts = texts_of("host", host);
  if (!hosts.ok()) return hosts.status();
  if (hosts->empty()) return wrong_argument("host", host, "one host at least");
  const ValueList ports = list_of(port);
  if (ports.empty()) return wrong_argument("port", port, "one port at least");
  std::vector<std::string> destinations;
  for (std::size_t i = 0; i < hosts->size(); ++i) {
    const auto number = number_of("port", ports[std::min(i, ports.size() - 1)], 1, 65535, &port);
    if (!number.ok()) return number.status();
    const std::string& name = (*hosts)[i];
    const bool is_ipv6 = name.find(':') != std::string::npos && name.front() != '[';
    destinations.push_back(absl::StrCat(is_ipv6 ? "[" : "", name, is_ipv6 ? "]:" : ":", *number));
  }
  return destinations;
}

/// `metlog.senders.udp.UdpSender(host, port)`. A host that is not known is no error, as it may be
/// known later.
Plan plan_udp(const Arguments& arguments) {
  const auto bound = Parameters{"UdpSender", {"host", "port"}, 2}.bind(arguments);
  if (!bound.ok()) return bound.status();
  const auto destinations = pair_up(*(*bound)[0], *(*bound)[1]);
  if (!destinations.ok()) return destinations.status();
  const std::string url = absl::StrCat("udp://", absl::StrJoin(*destinations, ","));
  const absl::StatusOr<Url> parsed = parse_url(url);
  if (!parsed.ok()) return parsed.status();
  const bool is_one = destinations->size() == 1;
  if (is_one && open_udp_socket(*parsed, 0).ok()) return SenderSpec{.url = url};
  return SenderSpec{.url = url + "?late=1"};
}

/// `metlog.senders.NoSendSender()`.
Plan plan_no_send(const Arguments& arguments) {
  const auto bound = Parameters{"NoSendSender", {}, 0}.bind(arguments);
  if (!bound.ok()) return bound.status();
  return SenderSpec{.url = "nosend:", .is_active = false};
}

}  // namespace

void add_senders(ProviderTable<SenderProvider>& table) {
  struct Class {
    const char* module;  // within metlog.senders
    const char* name;
    Plan (*plan)(const Arguments& arguments);
  };
  constexpr Class kClasses[] = {
      {"dev.", "StdOutSender", plan_stdout},
      {"dev.", "StdoutSender", plan_stdout},
      {"dev.", "StreamSender", plan_stream},
      {"dev.", "FileSender", plan_file},
      {"dev.", "DebugCaptureSender", plan_capture},
      {"logging.", "StdLibLoggingSender", plan_host_logger},
      {"udp.", "UdpSender", plan_udp},
      {"", "NoSendSender", plan_no_send},
  };
  for (const auto& [module, name, plan] : kClasses) {
    for (const char* const within : {"", module}) {
      // The second is the first again for a class that lies in no module of its own.
      table.add(absl::StrCat("metlog.senders.", within, name), plan).IgnoreError();
    }
  }
  add_zmq_senders(table);
}

}  // namespace metlog
