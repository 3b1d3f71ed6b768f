#include "senders/zmq/zmq_sender.h"

#include <algorithm>
#include <thread>

#include "senders/zmq/zmq_endpoint.h"
#include "senders/zmq/zmq_handshake.h"
#include "senders/zmq/zmq_settings.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr auto kBetweenLooks = std::chrono::milliseconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> ZmqSender::open(const Url& url) {
  const absl::StatusOr<ZmqSettings> settings = zmq_settings(url);
  if (!settings.ok()) return settings.status();
  std::unique_ptr<ZmqSender> sender(new ZmqSender(url.text, *settings));
  for (const std::string& endpoint : settings->endpoints) {
    auto outlet = ZmqEndpoint::open({.endpoint = endpoint,
                                     .hwm = settings->hwm,
                                     .max_frame = settings->max_frame,
                                     .hold = settings->hold,
                                     .is_one_of_several = settings->endpoints.size() > 1});
    if (!outlet.ok()) return outlet.status();
    sender->outlets_.push_back(*std::move(outlet));
  }
  if (settings->handshake.empty()) return std::unique_ptr<Sender>(std::move(sender));
  auto handshake = ZmqHandshake::open({.endpoint = settings->handshake,
                                       .timeout = settings->handshake_timeout,
                                       .livecheck = settings->livecheck},
                                      steady_clock::now());
  if (!handshake.ok()) return handshake.status();
  sender->handshake_ = *std::move(handshake);
  return std::unique_ptr<Sender>(std::move(sender));
}

ZmqSender::ZmqSender(std::string url, const ZmqSettings& settings) : url_(std::move(url)) {
  if (settings.debug_stderr) echo_of_all_.emplace();
  if (settings.unsent_stderr) echo_of_unsent_.emplace();
}

ZmqSender::~ZmqSender() = default;

bool ZmqSender::is_foreign() const {
  if (handshake_ != nullptr && handshake_->is_foreign()) return true;
  return std::any_of(outlets_.begin(), outlets_.end(),
                     [](const auto& outlet) { return outlet->is_foreign(); });
}

SendResult ZmqSender::send(Batch& batch) {
  if (is_foreign()) return lose_rest(batch, LossReason::kForked);
  if (echo_of_all_.has_value()) echo_of_all_->show_new(batch);
  if (handshake_ != nullptr) {
    const ZmqHandshake::State state = handshake_->look(steady_clock::now());
    if (state == ZmqHandshake::State::kAsking) return SendResult::kBusy;
    if (state == ZmqHandshake::State::kSilent) return lose_rest(batch, LossReason::kNoReceiver);
  }
  return send_to_all(batch);
}

SendResult ZmqSender::send_to_all(Batch& batch) {
  if (batch.sequence() != cursor_) {
    for (const auto& outlet : outlets_) outlet->restart();
  }
  bool is_done = true;
  for (const auto& outlet : outlets_) is_done = outlet->send(batch) && is_done;
  const ZmqEndpoint& last = **std::min_element(
      outlets_.begin(), outlets_.end(),
      [](const auto& one, const auto& other) { return one->taken() < other->taken(); });
  const std::size_t taken_by_all = last.taken();
  const std::optional<LossReason> reason = last.gave_up();
  batch.take_messages(taken_by_all);
  cursor_ = batch.sequence();
  for (const auto& outlet : outlets_) {
    outlet->advance(taken_by_all);
    if (is_done) outlet->restart();
  }
  if (!is_done) return SendResult::kBusy;
  return batch.is_done() ? SendResult::kSent : lose_rest(batch, *reason);
}

SendResult ZmqSender::lose_rest(Batch& batch, LossReason reason) {
  while (!batch.is_done()) {
    // Losses are the ledger's to tell: a line about them for each line would be said twice.
    const bool is_shown = echo_of_unsent_.has_value() && batch.origin() == Batch::Origin::kUser;
    if (is_shown) echo_of_unsent_->show(batch.message(0));
    batch.lose_message(reason);
  }
  return SendResult::kLost;
}

bool ZmqSender::flush(std::chrono::nanoseconds limit) {
  const auto holds_something = [](const auto& outlet) { return outlet->may_hold_something(); };
  const auto deadline = steady_clock::now() + std::max(limit, limit.zero());
  bool is_out = true;
  // One that reads nothing takes no time from the others: each is closed as soon as it is quiet.
  while (std::any_of(outlets_.begin(), outlets_.end(), holds_something)) {
    if (is_foreign()) return false;
    const bool is_over = steady_clock::now() >= deadline;
    for (const auto& outlet : outlets_) {
      if (!outlet->may_hold_something()) continue;
      if (outlet->look_whether_quiet() || is_over) is_out = outlet->close(deadline) && is_out;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return is_out;
}

std::chrono::nanoseconds ZmqSender::idle() {
  std::chrono::nanoseconds longest = Sender::idle();
  if (is_foreign()) return longest;
  for (const auto& outlet : outlets_) longest = std::min(longest, outlet->idle());
  if (handshake_ == nullptr) return longest;
  const auto now = steady_clock::now();
  handshake_->look(now);
  return std::min(longest, handshake_->until_next_look(now));
}

}  // namespace metlog
