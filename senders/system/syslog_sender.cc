#include "senders/system/syslog_sender.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "senders/socket/tcp_stream_sender.h"
#include "senders/socket/unix_datagram_sender.h"
#include "senders/udp/udp_sender.h"

namespace metlog {
namespace {

constexpr int kPort = 514;
constexpr std::int64_t kHoldMs = 2000;

/// What a URL says: a datagram socket of this machine, a UDP receiver as a `udp:` URL has it, or a
/// stream.
using Settings = std::variant<UnixDatagramSender::Options, Url, TcpStreamSender::Options>;

absl::StatusOr<Settings> local_settings(const Url& url) {
  absl::StatusOr<UnixDatagramSender::Options> local = local_options(url, "/dev/log");
  if (!local.ok()) return local.status();
  return *std::move(local);
}

absl::StatusOr<Settings> udp_settings(const Url& url) {
  UrlOptions options(url);
  Url udp = url;
  udp.authority = with_port(url.authority, kPort);
  options.number("max_datagram", {1, INT64_MAX, 1});
  options.number("sndbuf", {1, INT64_MAX, 1});
  if (absl::Status status = options.status(); !status.ok()) return status;
  if (absl::Status status = UdpSender::check(udp); !status.ok()) return status;
  return udp;
}

absl::StatusOr<Settings> tcp_settings(const Url& url) {
  UrlOptions options(url);
  const std::chrono::milliseconds hold = options.milliseconds("hold_ms", kHoldMs);
  const std::string framing = options.text("framing");
  if (absl::Status status = options.status(); !status.ok()) return status;
  const bool has_newlines = framing == "newline";
  if (!framing.empty() && !has_newlines && framing != "octet-count") {
    return absl::InvalidArgumentError(absl::StrCat("option framing='", framing, "' in '", url.text,
                                                   "' takes octet-count, newline"));
  }
  Url target = url;
  target.authority = with_port(url.authority, kPort);
  absl::StatusOr<HostAndPort> host = host_and_port(target);
  if (!host.ok()) return host.status();
  return TcpStreamSender::Options{
      *std::move(host), url.text,
      has_newlines ? StreamFraming::kNewline : StreamFraming::kOctetCount, hold};
}

absl::StatusOr<Settings> settings_of(const Url& url) {
  if (url.scheme == "syslog+tcp") return tcp_settings(url);
  return url.authority.empty() ? local_settings(url) : udp_settings(url);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> open_syslog(const Url& url) {
  absl::StatusOr<Settings> settings = settings_of(url);
  if (!settings.ok()) return settings.status();
  if (auto* const local = std::get_if<UnixDatagramSender::Options>(&*settings)) {
    return UnixDatagramSender::open(std::move(*local));
  }
  if (auto* const tcp = std::get_if<TcpStreamSender::Options>(&*settings)) {
    return TcpStreamSender::open(std::move(*tcp));
  }
  return UdpSender::open(std::get<Url>(*settings));
}

absl::Status check_syslog_url(const Url& url) { return settings_of(url).status(); }

}  // namespace metlog
