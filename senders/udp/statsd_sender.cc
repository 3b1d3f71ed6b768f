#include "senders/udp/statsd_sender.h"

#include <cstdint>
#include <string>

#include "senders/udp/udp_sender.h"

namespace metlog {
namespace {

constexpr int kPort = 8125;
/// Fits into Ethernet's 1,500 bytes together with the headers of IPv6 and UDP.
constexpr std::int64_t kPacked = 1432;

/// The URL of the UdpSender that does the same.
absl::StatusOr<Url> udp_url(const Url& url) {
  UrlOptions options(url);
  const auto max = static_cast<std::int64_t>(kMaxDatagram);
  const std::int64_t pack = options.number("max_datagram", {1, max, kPacked});
  options.number("sndbuf", {1, INT64_MAX, 1});
  if (absl::Status status = options.status(); !status.ok()) return status;
  Url udp = url;
  udp.authority = with_port(url.authority, kPort);
  udp.query.erase("max_datagram");
  udp.query["pack"] = std::to_string(pack);
  if (absl::Status status = UdpSender::check(udp); !status.ok()) return status;
  return udp;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> open_statsd(const Url& url) {
  const absl::StatusOr<Url> udp = udp_url(url);
  return udp.ok() ? UdpSender::open(*udp) : udp.status();
}

absl::Status check_statsd_url(const Url& url) { return udp_url(url).status(); }

}  // namespace metlog
