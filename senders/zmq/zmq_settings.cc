#include "senders/zmq/zmq_settings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "metlog/internal/base/url.h"

namespace metlog {
namespace {

constexpr std::int64_t kHoldMs = 2000;
/// The other end-points wait meanwhile.
constexpr std::int64_t kHoldMsOfSeveral = 200;
constexpr std::int64_t kPlainFramesHeld = 1000;
/// A batch of 64 KiB is handed over by the message that fills it, and should go in one frame.
constexpr std::int64_t kDefaultFrame = 72 * 1024;
constexpr std::int64_t kSmallestFrame = 1024;
/// What metlogd takes, unless told to take longer messages.
constexpr std::int64_t kLargestFrame = 1 << 20;
constexpr std::int64_t kBatchedBytesHeld = 4 << 20;
constexpr std::int64_t kHandshakeMs = 1000;
constexpr std::int64_t kLivecheckMs = 10'000;

absl::StatusOr<std::string> tcp_endpoint(const Url& url) {
  const absl::StatusOr<HostAndPort> target = host_and_port(url);
  if (!target.ok()) return target.status();
  const bool is_ipv6 = target->host.find(':') != std::string::npos;
  return absl::StrCat("tcp://", is_ipv6 ? "[" : "", target->host, is_ipv6 ? "]:" : ":",
                      target->port);
}

/// Adds what `url` itself names: a path, or hosts with their ports.
absl::Status add_endpoints(const Url& url, std::vector<std::string>& endpoints) {
  const std::string scheme(absl::StripPrefix(url.scheme, "zmq+"));
  if (scheme == "ipc") {
    const std::string path = absl::StrCat(url.authority, url.path);
    if (path.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", url.text, "' lacks a path; write ", url.scheme, ":///path"));
    }
    endpoints.push_back(absl::StrCat("ipc://", path));
    return absl::OkStatus();
  }
  for (const absl::string_view part : absl::StrSplit(url.authority, ',')) {
    Url one = url;
    one.authority = std::string(part);
    const absl::StatusOr<std::string> endpoint = tcp_endpoint(one);
    if (!endpoint.ok()) return endpoint.status();
    endpoints.push_back(*endpoint);
  }
  return absl::OkStatus();
}

/// Adds what an option's value names.
absl::Status add_named(const char* option, absl::string_view text,
                       std::vector<std::string>& endpoints) {
  const absl::StatusOr<Url> url = parse_url({text.data(), text.size()});
  const bool is_endpoint = url.ok() && url->query.empty() &&
                           (absl::StripPrefix(url->scheme, "zmq+") == "tcp" ||
                            absl::StripPrefix(url->scheme, "zmq+") == "ipc");
  if (is_endpoint) return add_endpoints(*url, endpoints);
  return absl::InvalidArgumentError(absl::StrCat("option ", option, ": '", text,
                                                 "' is no ZeroMQ end-point; write "
                                                 "tcp://host:port or ipc:///path"));
}

void read_frames(UrlOptions& query, ZmqSettings& settings) {
  const bool batched = query.flag("batch");
  const std::int64_t max_frame =
      query.number("max_frame", {kSmallestFrame, kLargestFrame, kDefaultFrame});
  query.only_if(batched, "max_frame", "batch=1");
  const std::int64_t frames_held =
      batched ? std::max<std::int64_t>(kBatchedBytesHeld / max_frame, 1) : kPlainFramesHeld;
  settings.hwm = static_cast<int>(query.number("hwm", {1, 1'000'000, frames_held}));
  settings.max_frame = batched ? static_cast<std::size_t>(max_frame) : 0;
}

absl::Status read_handshake(UrlOptions& query, ZmqSettings& settings) {
  const bool is_wanted = query.has("handshake");
  const std::string endpoint = query.text("handshake");
  settings.handshake_timeout = query.milliseconds("handshake_timeout", kHandshakeMs);
  settings.livecheck = query.seconds("livecheck", std::chrono::milliseconds(kLivecheckMs));
  query.only_if(is_wanted, "handshake_timeout", "handshake=ENDPOINT");
  query.only_if(is_wanted, "livecheck", "handshake=ENDPOINT");
  // One that asks for all of several would let one that is away speak for the others.
  query.only_if(settings.endpoints.size() == 1, "handshake", "a single end-point");
  if (!is_wanted) return absl::OkStatus();
  if (settings.handshake_timeout.count() < 1) {
    return absl::InvalidArgumentError(
        "option handshake_timeout: '0' leaves no time for an answer; write 1 or more");
  }
  std::vector<std::string> named;
  const absl::Status status = add_named("handshake", endpoint, named);
  if (!status.ok()) return status;
  if (named.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("option handshake: '", endpoint, "' names ", named.size(), "; name one"));
  }
  settings.handshake = named.front();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ZmqSettings> zmq_settings(const Url& url) {
  ZmqSettings settings;
  UrlOptions query(url);
  read_frames(query, settings);
  absl::Status status = add_endpoints(url, settings.endpoints);
  const std::string also = query.text("also");
  for (const absl::string_view text : absl::StrSplit(also, ',', absl::SkipEmpty())) {
    status.Update(add_named("also", text, settings.endpoints));
  }
  if (!status.ok()) return status;
  const bool is_one = settings.endpoints.size() == 1;
  settings.hold = query.milliseconds("hold_ms", is_one ? kHoldMs : kHoldMsOfSeveral);
  status = read_handshake(query, settings);
  settings.debug_stderr = query.flag("debug_stderr");
  settings.unsent_stderr = query.flag("unsent_stderr");
  if (!query.status().ok()) return query.status();
  if (!status.ok()) return status;
  return settings;
}

}  // namespace metlog
