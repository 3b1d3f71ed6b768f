#include "senders/udp/udp_fan_out.h"

#include <sys/socket.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/url.h"
#include "senders/udp/udp_sender.h"
#include "senders/udp/udp_socket.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kRetryInterval{5};

bool is_busy(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

}  // namespace

bool UdpFanOut::is_meant_by(const Url& url) {
  return url.authority.find(',') != std::string::npos || url.query.count("late") != 0;
}

absl::StatusOr<std::unique_ptr<Sender>> UdpFanOut::open(const Url& url) {
  UrlOptions options(url);
  Settings settings;
  settings.is_late = options.flag("late");
  if (!options.status().ok()) return options.status();
  auto destinations = hosts_and_ports(url);
  if (!destinations.ok()) return destinations.status();
  settings.destinations = *std::move(destinations);
  return open(settings, url.text);
}

std::string UdpFanOut::Settings::url() const {
  std::string text = "udp://";
  for (const HostAndPort& one : destinations) {
    absl::StrAppend(&text, &one == &destinations.front() ? "" : ",", one.text());
  }
  return text.append(is_late ? "?late=1" : "");
}

absl::StatusOr<std::unique_ptr<Sender>> UdpFanOut::open(const Settings& settings, std::string url) {
  if (settings.destinations.size() == 1) {
    auto single = UdpSender::open(settings.destinations.front(), url);
    if (single.ok() || !settings.is_late) return single;
  }
  std::unique_ptr<UdpFanOut> sender(new UdpFanOut(std::move(url)));
  for (const HostAndPort& target : settings.destinations) {
    absl::StatusOr<UniqueFd> socket = open_udp_socket(target, sender->url_);
    if (socket.ok()) {
      sender->destinations_.push_back({target, *std::move(socket)});
    } else if (settings.is_late) {
      sender->destinations_.push_back({target, UniqueFd(), steady_clock::now() + kRetryInterval});
    } else {
      return socket.status();
    }
  }
  return std::unique_ptr<Sender>(std::move(sender));
}

int UdpFanOut::send_to(Destination& destination, std::string_view message) {
  if (!destination.socket.is_open()) {
    const steady_clock::time_point now = steady_clock::now();
    if (now < destination.next_retry) return EHOSTUNREACH;
    destination.next_retry = now + kRetryInterval;
    absl::StatusOr<UniqueFd> socket = open_udp_socket(destination.target, url_);
    if (!socket.ok()) return EHOSTUNREACH;
    destination.socket = *std::move(socket);
  }
  int error = 0;
  // An ICMP error about an earlier datagram is reported once; this one is not sent yet.
  for (int tries = 0; tries < 2; ++tries) {
    if (::send(destination.socket.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0) {
      return 0;
    }
    error = errno;
    if (is_busy(error) || error == EMSGSIZE) break;
  }
  // No listener there: the kernel took it, which counts as sent, as for a single destination.
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
