// The reference's ZeroMQ sender classes: what their constructors take, and the URL that comes of
// it.

#include "senders/reference/reference_senders.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "metlog/internal/provider/parameters.h"
#include "senders/reference/sender_arguments.h"

namespace metlog {
namespace {

using Plan = absl::StatusOr<SenderSpec>;

constexpr std::int64_t kMaxConnections = 64;
constexpr std::int64_t kMaxFramesHeld = 1'000'000;
constexpr std::int64_t kMaxTimeoutMs = 3'600'000;
constexpr double kMinLivecheck = 0.01;  // seconds
constexpr double kMaxLivecheck = 86'400;

/// Of each connection of a pool, as both constructors take it.
struct Connections {
  std::int64_t count = 10;
  std::int64_t frames_held = 0;
  double livecheck_s = 10;
  bool debug_stderr = false;
};

/// Reads `pool_size`, the parameter that `held_name` names, `livecheck` and `debug_stderr`, which
/// stand side by side from `given` on; what is not given stays as it is.
absl::Status read(const Value* const* given, std::string_view held_name, Connections& read_into) {
  if (is_given(given[0])) {
    const auto count = number_of("pool_size", *given[0], 1, kMaxConnections);
    if (!count.ok()) return count.status();
    read_into.count = *count;
  }
  if (is_given(given[1])) {
    const auto held = number_of(held_name, *given[1], 1, kMaxFramesHeld);
    if (!held.ok()) return held.status();
    read_into.frames_held = *held;
  }
  if (is_given(given[2])) {
    const auto seconds = real_of("livecheck", *given[2], kMinLivecheck, kMaxLivecheck, "seconds");
    if (!seconds.ok()) return seconds.status();
    read_into.livecheck_s = *seconds;
  }
  if (is_given(given[3])) {
    const auto flag = flag_of("debug_stderr", *given[3]);
    if (!flag.ok()) return flag.status();
    read_into.debug_stderr = *flag;
  }
  return absl::OkStatus();
}

/// A URL as the value of another one's option.
std::string as_value(const std::string& url) {
  return absl::StrReplaceAll(url, {{"%", "%25"}, {"&", "%26"}});
}

SenderSpec plan_of(const std::string& end_point, const Connections& each,
                   const std::string& options) {
  const char* const separator = end_point.find('?') == std::string::npos ? "?" : "&";
  SenderSpec plan{.url = absl::StrCat(end_point, separator, options, "hwm=", each.frames_held,
                                      each.debug_stderr ? "&debug_stderr=1" : "")};
  plan.pool_size = static_cast<std::size_t>(each.count);
  return plan;
}

/// `metlog.senders.zmq.ZmqPubSender(bindstrs, pool_size=10, queue_length=1000, livecheck=10,
/// debug_stderr=false)`. The link looks after itself, so livecheck has no meaning.
Plan plan_pub(const Arguments& arguments) {
  const auto bound =
      Parameters{
          "ZmqPubSender", {"bindstrs", "pool_size", "queue_length", "livecheck", "debug_stderr"}, 1}
          .bind(arguments);
  if (!bound.ok()) return bound.status();
  const auto end_points = texts_of("bindstrs", *(*bound)[0]);
  if (!end_points.ok()) return end_points.status();
  if (end_points->empty()) {
    return wrong_argument("bindstrs", *(*bound)[0], "one end-point at least");
  }
  Connections each{.frames_held = 1000};
  const absl::Status status = read(bound->data() + 1, "queue_length", each);
  if (!status.ok()) return status;
  std::string also;
  for (std::size_t i = 1; i < end_points->size(); ++i) {
    // A comma separates the list.
    const std::string one = absl::StrReplaceAll((*end_points)[i], {{",", "%2C"}});
    absl::StrAppend(&also, also.empty() ? "also=" : ",", as_value(one));
  }
  return plan_of(end_points->front(), each, also.empty() ? "" : also + "&");
}

/// `metlog.senders.zmq.ZmqHandshakePubSender(handshake_bind, connect_bind, handshake_timeout,
/// pool_size=10, hwm=200, livecheck=10, debug_stderr=false)`.
Plan plan_handshake(const Arguments& arguments) {
  const auto bound = Parameters{"ZmqHandshakePubSender",
                                {"handshake_bind", "connect_bind", "handshake_timeout", "pool_size",
                                 "hwm", "livecheck", "debug_stderr"},
                                3}
                         .bind(arguments);
  if (!bound.ok()) return bound.status();
  std::vector<std::string> ends;  // to ask, and to send to
  for (const std::size_t i : {0U, 1U}) {
    const std::string_view name = i == 0 ? "handshake_bind" : "connect_bind";
    const auto texts = texts_of(name, *(*bound)[i]);
    if (!texts.ok()) return texts.status();
    if (texts->size() != 1) return wrong_argument(name, *(*bound)[i], "one end-point");
    ends.push_back(texts->front());
  }
  const auto timeout = number_of("handshake_timeout", *(*bound)[2], 1, kMaxTimeoutMs);
  if (!timeout.ok()) return timeout.status();
  Connections each{.frames_held = 200};
  const absl::Status status = read(bound->data() + 3, "hwm", each);
  if (!status.ok()) return status;
  return plan_of(ends[1], each,
                 absl::StrCat("handshake=", as_value(ends[0]), "&handshake_timeout=", *timeout,
                              "&livecheck=", each.livecheck_s, "&unsent_stderr=1&"));
}

}  // namespace

void add_zmq_senders(ProviderTable<SenderProvider>& table) {
  for (const char* const module : {"metlog.senders.", "metlog.senders.zmq."}) {
    table.add(absl::StrCat(module, "ZmqPubSender"), plan_pub).IgnoreError();
    table.add(absl::StrCat(module, "ZmqHandshakePubSender"), plan_handshake).IgnoreError();
  }
}

}  // namespace metlog
