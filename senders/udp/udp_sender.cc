#include "senders/udp/udp_sender.h"

#include <cerrno>

#include "metlog/internal/base/url.h"
#include "senders/udp/datagrams.h"
#include "senders/udp/udp_socket.h"

namespace metlog {
namespace {

constexpr auto kMax = static_cast<std::int64_t>(kMaxDatagram);
/// Fits into Ethernet's 1,500 bytes together with the headers of IP, UDP and a tunnel.
constexpr std::int64_t kBatchedDatagram = 1400;
constexpr std::int64_t kMinBatchedDatagram = 128;
constexpr int kMaxRefusals = 8;

bool is_busy(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

/// The kind of datagrams that the options ask for.
std::unique_ptr<Datagrams> make_datagrams(UrlOptions& options) {
  const bool batched = options.flag("batch");
  const bool segmented = options.flag("segment");
  options.only_if(batched, "segment", "batch=1");
  if (!batched) {
    const std::int64_t max = options.number("max_datagram", {1, kMax, kMax});
    return std::make_unique<PlainDatagrams>(static_cast<std::size_t>(max));
  }
  const auto wanted = static_cast<std::size_t>(
      options.number("max_datagram", {kMinBatchedDatagram, kMax, kBatchedDatagram}));
  const DatagramLimits limits{wanted, options.has("max_datagram") ? wanted : kMaxDatagram};
  if (segmented) return std::make_unique<SegmentedDatagrams>(limits);
  return std::make_unique<BatchedDatagrams>(limits);
}

void lose(Batch& batch, std::size_t count, LossReason reason) {
  for (; count > 0; --count) batch.lose_message(reason);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> UdpSender::open(const Url& url) {
  UrlOptions options(url);
  std::unique_ptr<Datagrams> datagrams = make_datagrams(options);
  const auto sndbuf = static_cast<int>(options.number("sndbuf", {1, 1 << 30, 0}));
  if (!options.status().ok()) return options.status();
  const absl::StatusOr<HostAndPort> target = host_and_port(url);
  if (!target.ok()) return target.status();
  absl::StatusOr<UniqueFd> socket = open_udp_socket(*target, url.text, sndbuf);
  if (!socket.ok()) return socket.status();
  return std::unique_ptr<Sender>(new UdpSender(url.text, *std::move(socket), std::move(datagrams)));
}

absl::StatusOr<std::unique_ptr<Sender>> UdpSender::open(const HostAndPort& target,
                                                        std::string url) {
  absl::StatusOr<UniqueFd> socket = open_udp_socket(target, url);
  if (!socket.ok()) return socket.status();
  return std::unique_ptr<Sender>(new UdpSender(std::move(url), *std::move(socket),
                                               std::make_unique<PlainDatagrams>(kMaxDatagram)));
}

UdpSender::UdpSender(std::string url, UniqueFd socket, std::unique_ptr<Datagrams> datagrams)
    : url_(std::move(url)), socket_(std::move(socket)), datagrams_(std::move(datagrams)) {}

SendResult UdpSender::send(Batch& batch) {
  int refusals = 0;
  bool failed_before = false;
  while (!batch.is_done()) {
    if (batch.message(0).size() > datagrams_->max_message_bytes()) {
      batch.lose_message(LossReason::kTooLong);
      continue;
    }
    const auto [error, sent, refused] = datagrams_->send(socket_.get(), batch);
    batch.take_messages(sent);
    if (is_busy(error)) return SendResult::kBusy;
    if (error == EMSGSIZE) lose(batch, refused, LossReason::kTooLong);
    // ICMP about an earlier datagram: reported once; this one is not sent yet.
    if (error == ECONNREFUSED && ++refusals > kMaxRefusals) return SendResult::kBusy;
    const bool failed = error != 0 && error != EMSGSIZE && error != ECONNREFUSED && error != EINTR;
    // Other ICMP errors arrive the same way, so only a second in a row concerns this datagram.
    if (failed && failed_before) lose(batch, refused, LossReason::kRefused);
    failed_before = failed && !failed_before;
    if (sent > 0) refusals = 0;
  }
  return SendResult::kSent;
}

}  // namespace metlog
