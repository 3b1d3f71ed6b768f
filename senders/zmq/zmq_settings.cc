#include "senders/zmq/zmq_settings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "metlog/internal/base/url.h"

namespace metlog {
namespace {

constexpr std::int64_t kPlainFramesHeld = 1000;
/// A batch of 64 KiB is handed over with the message that fills it, and should fit one frame.
constexpr std::int64_t kDefaultFrame = 72 * 1024;
constexpr std::int64_t kMinFrame = 1024;
constexpr std::int64_t kMaxFrame = 1 << 20;
// The range of metlogd's --max-message.
constexpr std::int64_t kMinMessage = 64;
constexpr std::int64_t kMaxMessage = std::int64_t{16} << 20;
constexpr std::int64_t kBatchedBytesHeld = 4 << 20;
constexpr std::int64_t kHandshakeMs = 1000;
constexpr std::int64_t kLivecheckMs = 10'000;

/// The endpoints that `url` itself names: a path, or hosts with their ports.
absl::StatusOr<std::vector<std::string>> endpoints_of(const Url& url) {
  if (absl::StripPrefix(url.scheme, "zmq+") == "ipc") {
    const std::string path = absl::StrCat(url.authority, url.path);
    if (!path.empty()) return std::vector{absl::StrCat("ipc://", path)};
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' lacks a path; write ", url.scheme, ":///path"));
  }
  const auto targets = hosts_and_ports(url);
  if (!targets.ok()) return targets.status();
  std::vector<std::string> endpoints;
  for (const HostAndPort& one : *targets) endpoints.push_back(absl::StrCat("tcp://", one.text()));
  return endpoints;
}

void read_frames(UrlOptions& query, ZmqSettings& settings) {
  switch (query.flag_or_auto("batch")) {
    case UrlOptions::Switch::kOff:
      settings.framing = Framing::kPlain;
      break;
    case UrlOptions::Switch::kOn:
      settings.framing = Framing::kBatched;
      break;
    case UrlOptions::Switch::kAuto:
      settings.framing = Framing::kAsAsked;
      break;
  }
  const std::int64_t max_frame = query.number("max_frame", {kMinFrame, kMaxFrame, kDefaultFrame});
  query.only_if(settings.framing != Framing::kPlain, "max_frame", "batch=1 or batch=auto");
  const std::int64_t held = std::max<std::int64_t>(kBatchedBytesHeld / max_frame, 1);
  const bool is_batched = settings.framing == Framing::kBatched;
  settings.hwm =
      static_cast<int>(query.number("hwm", {1, 1'000'000, is_batched ? held : kPlainFramesHeld}));
  settings.batched_hwm = query.has("hwm") ? settings.hwm : static_cast<int>(held);
  settings.max_frame = static_cast<std::size_t>(max_frame);
  settings.max_message = static_cast<std::size_t>(query.number(
      "max_message", {kMinMessage, kMaxMessage, static_cast<std::int64_t>(settings.max_message)}));
}

void read_link(UrlOptions& query, ZmqSettings& settings) {
  constexpr std::int64_t kMaxPause = 3'600'000;
  ZmqLink& link = settings.link;
  link.heartbeat = query.milliseconds("heartbeat_ms", 0);
  const std::int64_t first = query.number("reconnect_ms", {1, kMaxPause, link.reconnect.count()});
  const std::int64_t longest =
      query.number("reconnect_max_ms",
                   {1, kMaxPause, std::max<std::int64_t>(first, link.reconnect_max.count())});
  if (longest < first) {
    query.refuse("reconnect_max_ms", absl::StrCat("is less than reconnect_ms=", first));
  }
  link.reconnect = std::chrono::milliseconds(first);
  link.reconnect_max = std::chrono::milliseconds(longest);
  settings.curve_server_key = query.text("curve_server_key");
  settings.curve_key = query.text("curve_key");
  query.only_if(!settings.curve_server_key.empty(), "curve_key", "curve_server_key=FILE");
}

absl::Status read_handshake(UrlOptions& query, ZmqSettings& settings) {
  const bool is_wanted = query.has("handshake");
  const std::string endpoint = query.text("handshake");
  settings.handshake_timeout = query.milliseconds("handshake_timeout", kHandshakeMs);
  settings.livecheck = query.seconds("livecheck", std::chrono::milliseconds(kLivecheckMs));
  query.only_if(is_wanted, "handshake_timeout", "handshake=ENDPOINT");
  query.only_if(is_wanted, "livecheck", "handshake=ENDPOINT");
  // With several endpoints, one answer would decide for all of them.
  query.only_if(settings.endpoints.size() == 1, "handshake", "a single endpoint");
  if (!is_wanted) return absl::OkStatus();
  if (settings.handshake_timeout.count() < 1) {
    return absl::InvalidArgumentError(
        "option handshake_timeout: '0' leaves no time for an answer; write 1 or more");
  }
  const auto named = zmq_endpoints("handshake", endpoint);
  if (!named.ok()) return named.status();
  if (named->size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("option handshake: '", endpoint, "' names ", named->size(), "; name one"));
  }
  settings.handshake = named->front();
  return absl::OkStatus();
}

}  // namespace

bool is_zmq(const Url& url) {
  const absl::string_view scheme = absl::StripPrefix(url.scheme, "zmq+");
  return scheme == "tcp" || scheme == "ipc";
}

absl::StatusOr<std::vector<std::string>> zmq_endpoints(std::string_view option,
                                                       std::string_view text) {
  const absl::StatusOr<Url> url = parse_url(text);
  if (url.ok() && url->query.empty() && is_zmq(*url)) return endpoints_of(*url);
  return absl::InvalidArgumentError(
      absl::StrCat("option ", absl::string_view(option.data(), option.size()), ": '",
                   absl::string_view(text.data(), text.size()),
                   "' is no ZeroMQ endpoint; write tcp://host:port or ipc:///path"));
}

absl::StatusOr<ZmqSettings> zmq_settings(const Url& url) {
  ZmqSettings settings;
  settings.url = url.text;
  UrlOptions query(url);
  read_frames(query, settings);
  read_link(query, settings);
  absl::StatusOr<std::vector<std::string>> endpoints = endpoints_of(url);
  const std::string also = query.text("also");
  for (const absl::string_view text : absl::StrSplit(also, ',', absl::SkipEmpty())) {
    if (!endpoints.ok()) break;
    auto further = zmq_endpoints("also", {text.data(), text.size()});
    if (!further.ok()) return further.status();
    endpoints->insert(endpoints->end(), further->begin(), further->end());
  }
  if (!endpoints.ok()) return endpoints.status();
  settings.endpoints = *std::move(endpoints);
  const std::chrono::milliseconds hold = query.milliseconds("hold_ms", 0);
  if (query.has("hold_ms")) settings.hold = hold;
  absl::Status status = read_handshake(query, settings);
  settings.debug_stderr = query.flag("debug_stderr");
  settings.unsent_stderr = query.flag("unsent_stderr");
  if (!query.status().ok()) return query.status();
  if (!status.ok()) return status;
  return settings;
}

}  // namespace metlog
