#include "senders/udp_sender.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "senders/errno_status.h"
#include "senders/url_options.h"

namespace metlog {
namespace {

constexpr std::size_t kDatagramsPerCall = 64;
constexpr std::int64_t kLargestDatagram = 65507;
constexpr int kMostRefusals = 8;

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

absl::StatusOr<Addresses> resolve(const Url& url, const HostAndPort& target) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = absl::StrCat(target.port);
  const int error = ::getaddrinfo(target.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot resolve host '", target.host, "' in '",
                                               url.text, "': ", ::gai_strerror(error),
                                               "; check the name or write its address"));
  }
  return Addresses(found);
}

absl::StatusOr<UniqueFd> connect_to(const Url& url, const addrinfo* addresses) {
  int error = EDESTADDRREQ;
  for (const addrinfo* at = addresses; at != nullptr; at = at->ai_next) {
    UniqueFd fd(::socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.is_open() && ::connect(fd.get(), at->ai_addr, at->ai_addrlen) == 0) return fd;
    error = errno;
  }
  return errno_status(error, absl::StrCat("cannot open a socket towards '", url.text, "'"),
                      "check the address and the routes of this machine");
}

bool is_busy(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> UdpSender::open(const Url& url) {
  UrlOptions options(url);
  const std::int64_t max_datagram =
      options.number("max_datagram", {1, kLargestDatagram, kLargestDatagram});
  const auto sndbuf = static_cast<int>(options.number("sndbuf", {1, 1 << 30, 0}));
  if (!options.status().ok()) return options.status();
  const absl::StatusOr<HostAndPort> target = host_and_port(url);
  if (!target.ok()) return target.status();
  const absl::StatusOr<Addresses> addresses = resolve(url, *target);
  if (!addresses.ok()) return addresses.status();
  absl::StatusOr<UniqueFd> socket = connect_to(url, addresses->get());
  if (!socket.ok()) return socket.status();
  if (sndbuf > 0 &&
      ::setsockopt(socket->get(), SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof sndbuf) != 0) {
    const int error = errno;
    return errno_status(error, absl::StrCat("cannot set sndbuf=", sndbuf, " of '", url.text, "'"),
                        "leave the option out");
  }
  return std::unique_ptr<Sender>(
      new UdpSender(url.text, *std::move(socket), static_cast<std::size_t>(max_datagram)));
}

UdpSender::UdpSender(std::string url, UniqueFd socket, std::size_t max_datagram)
    : url_(std::move(url)), socket_(std::move(socket)), max_datagram_(max_datagram) {}

SendResult UdpSender::send(Batch& batch) {
  int refusals = 0;
  bool failed_before = false;
  while (!batch.is_done()) {
    if (batch.message(0).size() > max_datagram_) {
      batch.lose_message(LossReason::kTooLong);
      continue;
    }
    std::size_t sent = 0;
    const int error = send_some(batch, sent);
    batch.take_messages(sent);
    if (is_busy(error)) return SendResult::kBusy;
    if (error == EMSGSIZE) batch.lose_message(LossReason::kTooLong);
    // ICMP about a datagram sent before: reported once, and this message has yet to go.
    if (error == ECONNREFUSED && ++refusals > kMostRefusals) return SendResult::kBusy;
    const bool failed = error != 0 && error != EMSGSIZE && error != ECONNREFUSED && error != EINTR;
    // Other ICMP errors arrive the same way, so only the second in a row is about this message.
    if (failed && failed_before) batch.lose_message(LossReason::kRefused);
    failed_before = failed && !failed_before;
    if (sent > 0) refusals = 0;
  }
  return SendResult::kSent;
}

int UdpSender::send_some(const Batch& batch, std::size_t& sent) const {
  std::array<iovec, kDatagramsPerCall> parts{};
  std::array<mmsghdr, kDatagramsPerCall> datagrams{};
  const std::size_t most = std::min(batch.remaining_count(), kDatagramsPerCall);
  unsigned count = 0;
  for (; count < most; ++count) {
    const std::string_view message = batch.message(count);
    if (message.size() > max_datagram_) break;
    parts[count] = {const_cast<char*>(message.data()), message.size()};
    datagrams[count].msg_hdr.msg_iov = &parts[count];
    datagrams[count].msg_hdr.msg_iovlen = 1;
  }
  const int result = ::sendmmsg(socket_.get(), datagrams.data(), count, MSG_NOSIGNAL);
  if (result < 0) return errno;
  sent = static_cast<std::size_t>(result);
  return 0;
}

}  // namespace metlog
