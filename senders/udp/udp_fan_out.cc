#include "senders/udp/udp_fan_out.h"

#include <sys/socket.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "metlog/internal/base/url.h"
#include "senders/udp/udp_socket.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLookInterval{5};

bool is_busy(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

}  // namespace

bool UdpFanOut::is_meant_by(const Url& url) {
  return url.authority.find(',') != std::string::npos || url.query.count("late") != 0;
}

absl::StatusOr<std::unique_ptr<Sender>> UdpFanOut::open(const Url& url) {
  UrlOptions options(url);
  const bool late = options.flag("late");
  if (!options.status().ok()) return options.status();
  std::unique_ptr<UdpFanOut> sender(new UdpFanOut(url.text));
  for (const absl::string_view part : absl::StrSplit(url.authority, ',')) {
    Url one = url;
    one.authority = std::string(part);
    if (const auto target = host_and_port(one); !target.ok()) return target.status();
    absl::StatusOr<UniqueFd> socket = open_udp_socket(one, 0);
    if (socket.ok()) {
      sender->destinations_.push_back({one, *std::move(socket)});
    } else if (late) {
      sender->destinations_.push_back({one, UniqueFd(), steady_clock::now() + kLookInterval});
    } else {
      return socket.status();
    }
  }
  return std::unique_ptr<Sender>(std::move(sender));
}

int UdpFanOut::send_to(Destination& destination, std::string_view message) {
  if (!destination.socket.is_open()) {
    const steady_clock::time_point now = steady_clock::now();
    if (now < destination.next_look) return EHOSTUNREACH;
    destination.next_look = now + kLookInterval;
    absl::StatusOr<UniqueFd> socket = open_udp_socket(destination.url, 0);
    if (!socket.ok()) return EHOSTUNREACH;
    destination.socket = *std::move(socket);
  }
  int error = 0;
  // An ICMP error about a datagram sent before is reported once, and this one has yet to go.
  for (int tries = 0; tries < 2; ++tries) {
    if (::send(destination.socket.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0) {
      return 0;
    }
    error = errno;
    if (is_busy(error) || error == EMSGSIZE) break;
  }
  // Nobody listens there: as with one destination, the kernel took it.
  return error == ECONNREFUSED ? 0 : error;
}

SendResult UdpFanOut::send(Batch& batch) {
  while (!batch.is_done()) {
    for (; next_ < destinations_.size(); ++next_) {
      const int error = send_to(destinations_[next_], batch.message(0));
      if (is_busy(error)) return SendResult::kBusy;
      if (error != 0) failed_ = error == EMSGSIZE ? LossReason::kTooLong : LossReason::kRefused;
    }
    if (failed_.has_value()) {
      batch.lose_message(*failed_);
    } else {
      batch.take_messages(1);
    }
    next_ = 0;
    failed_.reset();
  }
  return SendResult::kSent;
}

}  // namespace metlog
