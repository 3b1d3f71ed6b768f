// The reference's sender classes: what their constructors take, and the URL that comes of it.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "metlog/provider/parameters.h"
#include "metlog/provider/providers.h"
#include "senders/dev_senders.h"
#include "senders/logging_senders.h"
#include "senders/sender_arguments.h"
#include "senders/udp_socket.h"
#include "senders/url.h"

namespace metlog {
namespace {

using Plan = absl::StatusOr<SenderPlan>;

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
  if (is_one && open_udp_socket(*parsed, 0).ok()) return SenderPlan{.url = url};
  return SenderPlan{.url = url + "?late=1"};
}

/// `metlog.senders.zmq.ZmqPubSender(bindstrs, pool_size=10, queue_length=1000, livecheck=10,
/// debug_stderr=false)`. The link looks after itself, so livecheck has no meaning.
Plan plan_zmq(const Arguments& arguments) {
  const auto bound =
      Parameters{
          "ZmqPubSender", {"bindstrs", "pool_size", "queue_length", "livecheck", "debug_stderr"}, 1}
          .bind(arguments);
  if (!bound.ok()) return bound.status();
  const auto end_points = texts_of("bindstrs", *(*bound)[0]);
  if (!end_points.ok()) return end_points.status();
  if (end_points->size() != 1) {
    return absl::UnimplementedError(absl::StrCat("bindstrs names ", end_points->size(),
                                                 " end-points; this sender connects to one"));
  }
  const Value ten(10);
  const Value thousand(1000);
  const auto pool = number_of("pool_size", is_given((*bound)[1]) ? *(*bound)[1] : ten, 1, 64);
  if (!pool.ok()) return pool.status();
  const auto queue =
      number_of("queue_length", is_given((*bound)[2]) ? *(*bound)[2] : thousand, 1, 1'000'000);
  if (!queue.ok()) return queue.status();
  const Value* const debug = (*bound)[4];
  if (is_given(debug) && *debug != Value(false))
    return wrong_argument("debug_stderr", *debug, "false");
  const char separator = end_points->front().find('?') == std::string::npos ? '?' : '&';
  SenderPlan plan{.url =
                      absl::StrCat(end_points->front(), std::string(1, separator), "hwm=", *queue)};
  plan.pool_size = static_cast<std::size_t>(*pool);
  return plan;
}

/// `metlog.senders.NoSendSender()`.
Plan plan_no_send(const Arguments& arguments) {
  const auto bound = Parameters{"NoSendSender", {}, 0}.bind(arguments);
  if (!bound.ok()) return bound.status();
  return SenderPlan{.url = "nosend:", .is_active = false};
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
      {"zmq.", "ZmqPubSender", plan_zmq},
      {"", "NoSendSender", plan_no_send},
  };
  for (const auto& [module, name, plan] : kClasses) {
    for (const char* const within : {"", module}) {
      // The second is the first again for a class that lies in no module of its own.
      table.add(absl::StrCat("metlog.senders.", within, name), plan).IgnoreError();
    }
  }
}

}  // namespace metlog
