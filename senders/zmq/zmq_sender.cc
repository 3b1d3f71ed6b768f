#include "senders/zmq/zmq_sender.h"

#include <algorithm>
#include <thread>

#include "senders/zmq/zmq_endpoint.h"
#include "senders/zmq/zmq_handshake.h"
#include "senders/zmq/zmq_settings.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr auto kPollInterval = std::chrono::milliseconds(1);
constexpr std::chrono::milliseconds kHold{2000};
/// The other endpoints wait meanwhile.
constexpr std::chrono::milliseconds kHoldOfSeveral{200};

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> ZmqSender::open(const Url& url) {
  const absl::StatusOr<ZmqSettings> settings = zmq_settings(url);
  if (!settings.ok()) return settings.status();
  return open(*settings);
}

absl::StatusOr<std::unique_ptr<Sender>> ZmqSender::open(const ZmqSettings& settings) {
  std::unique_ptr<ZmqSender> sender(new ZmqSender(settings));
  const bool is_one_of_several = settings.endpoints.size() > 1;
  ZmqLink link = settings.link;
  if (!settings.curve_server_key.empty()) {
    auto keys = read_curve_client_keys(settings.curve_server_key, settings.curve_key);
    if (!keys.ok()) return keys.status();
    link.curve = *std::move(keys);
  }
  for (const std::string& name : settings.endpoints) {
    auto endpoint = ZmqEndpoint::open(
        {.endpoint = name,
         .framing = settings.framing,
         .hwm = settings.hwm,
         .batched_hwm = settings.batched_hwm,
         .max_frame = settings.max_frame,
         .hold = settings.hold.value_or(is_one_of_several ? kHoldOfSeveral : kHold),
         .link = link,
         .counts = &sender->counts_,
         .is_one_of_several = is_one_of_several});
    if (!endpoint.ok()) return endpoint.status();
    sender->endpoints_.push_back(*std::move(endpoint));
  }
  if (settings.handshake.empty()) return std::unique_ptr<Sender>(std::move(sender));
  auto handshake = ZmqHandshake::open({.endpoint = settings.handshake,
                                       .link = link,
                                       .timeout = settings.handshake_timeout,
                                       .livecheck = settings.livecheck},
                                      steady_clock::now());
  if (!handshake.ok()) return handshake.status();
  sender->handshake_ = *std::move(handshake);
  return std::unique_ptr<Sender>(std::move(sender));
}

ZmqSender::ZmqSender(const ZmqSettings& settings)
    : url_(settings.url), max_message_(settings.max_message) {
  if (settings.debug_stderr) tee_all_.emplace();
  if (settings.unsent_stderr) tee_unsent_.emplace();
}

ZmqSender::~ZmqSender() = default;

bool ZmqSender::is_foreign() const {
  if (handshake_ != nullptr && handshake_->is_foreign()) return true;
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [](const auto& endpoint) { return endpoint->is_foreign(); });
}

SendResult ZmqSender::send(Batch& batch) {
  if (is_foreign()) return lose_rest(batch, LossReason::kForked);
  if (tee_all_.has_value()) tee_all_->show_new(batch);
  if (handshake_ != nullptr) {
    const ZmqHandshake::State state = handshake_->poll(steady_clock::now());
    if (state == ZmqHandshake::State::kAsking) return SendResult::kBusy;
    if (state == ZmqHandshake::State::kSilent) return lose_rest(batch, LossReason::kNoReceiver);
  }
  SendResult result = SendResult::kSent;
  while (!batch.is_done() && result == SendResult::kSent) {
    const std::size_t count = count_before_too_long(batch);
    if (count == 0) {
      lose_one(batch, LossReason::kTooLong);
    } else {
      result = send_to_all(batch, count);
    }
  }
  return result;
}

/// Returns how many messages from the cursor on are short enough.
std::size_t ZmqSender::count_before_too_long(const Batch& batch) const {
  const std::size_t count = batch.remaining_count();
  if (batch.remaining_bytes().size() <= max_message_) return count;
  std::size_t before = 0;
  while (before < count && batch.message(before).size() <= max_message_) ++before;
  return before;
}

/// Sends the next `count` messages; kSent when all endpoints have taken these.
SendResult ZmqSender::send_to_all(Batch& batch, std::size_t count) {
  if (batch.sequence() != cursor_) {
    for (const auto& endpoint : endpoints_) endpoint->restart();
  }
  bool is_done = true;
  for (const auto& endpoint : endpoints_) is_done = endpoint->send(batch, count) && is_done;
  const ZmqEndpoint& last = **std::min_element(
      endpoints_.begin(), endpoints_.end(),
      [](const auto& one, const auto& other) { return one->taken() < other->taken(); });
  const std::size_t taken_by_all = last.taken();
  const std::optional<LossReason> reason = last.gave_up();
  batch.take_messages(taken_by_all);
  cursor_ = batch.sequence();
  for (const auto& endpoint : endpoints_) {
    endpoint->advance(taken_by_all);
    if (is_done) endpoint->restart();
  }
  if (!is_done) return SendResult::kBusy;
  return taken_by_all == count ? SendResult::kSent : lose_rest(batch, *reason);
}

void ZmqSender::lose_one(Batch& batch, LossReason reason) {
  // metlog.loss messages are skipped: the ledger reports their losses.
  const bool is_shown = tee_unsent_.has_value() && batch.origin() == Batch::Origin::kUser;
  if (is_shown) tee_unsent_->show(batch.message(0));
  batch.lose_message(reason);
}

SendResult ZmqSender::lose_rest(Batch& batch, LossReason reason) {
  while (!batch.is_done()) lose_one(batch, reason);
  return SendResult::kLost;
}

bool ZmqSender::flush(std::chrono::nanoseconds limit) {
  const auto deadline = steady_clock::now() + std::max(limit, limit.zero());
  while (true) {
    if (is_foreign()) return false;
    bool is_out = true;
    for (const auto& endpoint : endpoints_) is_out = endpoint->poll_flushed() && is_out;
    if (is_out || steady_clock::now() >= deadline) return is_out;
    std::this_thread::sleep_for(kPollInterval);
  }
}

std::chrono::nanoseconds ZmqSender::idle() {
  std::chrono::nanoseconds longest = Sender::idle();
  if (is_foreign()) return longest;
  for (const auto& endpoint : endpoints_) longest = std::min(longest, endpoint->idle());
  if (handshake_ == nullptr) return longest;
  const auto now = steady_clock::now();
  handshake_->poll(now);
  return std::min(longest, handshake_->until_next_poll(now));
}

}  // namespace metlog
