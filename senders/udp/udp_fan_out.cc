#include "senders/udp/udp_fan_out.h"

#include <sys/socket.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/last_trouble.h"
#include "senders/udp/udp_sender.h"
#include "senders/udp/udp_socket.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kRetryInterval{5};
constexpr int kMaxLateErrors = 8;  // in one call

}  // namespace

bool UdpFanOut::is_meant_by(const Url& url) {
  return url.authority.find(',') != std::string::npos || url.query.count("late") != 0;
}

absl::StatusOr<UdpFanOut::Settings> UdpFanOut::settings_of(const Url& url) {
  UrlOptions options(url);
  Settings settings;
  settings.is_late = options.flag("late");
  if (!options.status().ok()) return options.status();
  auto destinations = hosts_and_ports(url);
  if (!destinations.ok()) return destinations.status();
  settings.destinations = *std::move(destinations);
  return settings;
}

absl::StatusOr<std::unique_ptr<Sender>> UdpFanOut::open(const Url& url) {
  const absl::StatusOr<Settings> settings = settings_of(url);
  return settings.ok() ? open(*settings, url.text) : settings.status();
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
    absl::StatusOr<UdpTarget> peer = UdpTarget::open(target, sender->url_);
    if (!peer.ok() && !settings.is_late) return peer.status();
    Destination& added = sender->destinations_.emplace_back();
    added.target = target;
    if (peer.ok()) {
      added.peer = *std::move(peer);
    } else {
      added.next_retry = steady_clock::now() + kRetryInterval;
    }
  }
  return std::unique_ptr<Sender>(std::move(sender));
}

int UdpFanOut::send_to(Destination& destination, std::string_view message) {
  if (!destination.peer.has_value()) {
    const steady_clock::time_point now = steady_clock::now();
    if (now < destination.next_retry) return EHOSTUNREACH;
    destination.next_retry = now + kRetryInterval;
    absl::StatusOr<UdpTarget> peer = UdpTarget::open(destination.target, url_);
    if (!peer.ok()) return EHOSTUNREACH;
    destination.peer = *std::move(peer);
  }
  UdpTarget& peer = *destination.peer;
  late_refusals_ += peer.refresh(counts_);
  int error = 0;
  int late_errors = 0;
  for (std::size_t refused = 0; refused < peer.address_count();) {
    const ssize_t sent = ::send(peer.fd(), message.data(), message.size(), MSG_NOSIGNAL);
    error = sent < 0 ? errno : 0;
    if (is_udp_busy(error) || error == EMSGSIZE) return error;
    const std::size_t refusals = peer.take_refusals();
    if (error == 0 && refusals == 0) return 0;
    if (error == 0) error = ECONNREFUSED;
    if (sent < 0 && refusals != 0 && late_errors < kMaxLateErrors) {
      // About earlier datagrams; this one is not sent yet.
      late_refusals_ += refusals;
      ++late_errors;
      continue;
    }
    ++refused;
    if (peer.turn(counts_)) refused = 0;
  }
  return error;
}

SendResult UdpFanOut::send(Batch& batch) {
  while (!batch.is_done()) {
    for (; next_ < destinations_.size(); ++next_) {
      const int error = send_to(destinations_[next_], batch.message(0));
      if (is_udp_busy(error)) {
        counts_.note_no_room();
        return SendResult::kBusy;
      }
      if (error == 0) continue;
      note_trouble("send", error);
      failed_ = error == EMSGSIZE ? LossReason::kTooLong : LossReason::kRefused;
    }
    const bool pays_for_earlier =
        late_refusals_ != 0 && !failed_.has_value() && batch.origin() == Batch::Origin::kUser;
    if (pays_for_earlier) failed_ = LossReason::kRefused;
    if (failed_.has_value()) {
      if (pays_for_earlier) --late_refusals_;
      batch.lose_message(*failed_);
    } else {
      batch.take_messages(1);
    }
    next_ = 0;
    failed_.reset();
  }
  return SendResult::kSent;
}

bool UdpFanOut::flush(std::chrono::nanoseconds) {
  for (Destination& one : destinations_) {
    if (one.peer.has_value()) late_refusals_ += one.peer->take_refusals();
  }
  return late_refusals_ == 0;
}

}  // namespace metlog
