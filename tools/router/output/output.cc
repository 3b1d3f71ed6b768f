#include "tools/router/output/output.h"

#include <algorithm>

namespace metlog {

Output::Output(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
               const Options& options)
    : matcher_(options.match),
      encoder_(std::move(encoder)),
      on_full_(options.on_full),
      hold_limit_(options.hold_limit),
      lane_(std::move(sender), {.batch_bytes = options.lane.batch_bytes,
                                .batch_count = std::max<std::size_t>(options.lane.batch_count, 2),
                                .stream = options.lane.stream}),
      current_(lane_.try_take_empty()) {}

bool Output::take(const DecodedMessage& message) {
  if (!matcher_.matches(message)) {
    ++not_matched_;
    return true;
  }
  ++routed_;
  if (!has_room() && drops()) {
    ++queue_full_;
    return true;
  }
  encoder_->encode(message, *current_);
  return has_room() || drops();
}

bool Output::end_round() {
  lane_.announce();
  if (current_->user_count() == 0) return true;
  if (lane_.done_number() != lane_.offered_number() || !turn_over()) return false;
  lane_.announce();
  return true;
}

bool Output::backpressures_inputs(TimePoint now) {
  if (has_room()) {
    pause_ = Pause::kNone;
  } else if (on_full_ == OnFull::kWait && pause_ == Pause::kNone) {
    pause_ = Pause::kPaused;
    paused_since_ = now;
  }
  if (pause_ == Pause::kPaused && now - paused_since_ >= hold_limit_) pause_ = Pause::kGivenUp;
  return pause_ == Pause::kPaused;
}

bool Output::has_room() { return !current_->is_full() || turn_over(); }

bool Output::turn_over() {
  Batch* next = lane_.try_take_empty();
  if (next == nullptr) return false;
  offer_current();
  current_ = next;
  return true;
}

void Output::offer_current() {
  const std::uint64_t done = lane_.done_number();
  std::erase_if(offered_, [done](const Offered& batch) { return batch.number <= done; });
  const std::uint64_t count = current_->user_count();
  lane_.offer(current_);
  offered_.push_back({lane_.offered_number(), count});
}

void Output::close(std::chrono::nanoseconds limit) {
  if (current_ == nullptr) return;
  offer_current();
  current_ = nullptr;
  lane_.stop(limit);
}

OutputLedger Output::ledger() const {
  OutputLedger ledger;
  // Before the counts: what is done by now is among them.
  const std::uint64_t done = lane_.done_number();
  const SendQueue::Counts counts = lane_.counts();
  ledger.url = lane_.sender().url();
  ledger.not_matched = not_matched_;
  ledger.routed = routed_;
  ledger.written = counts.sent;
  ledger.lost = counts.lost;
  ledger.queue_full = queue_full_;
  ledger.pending = current_ == nullptr ? 0 : current_->user_count();
  for (const Offered& batch : offered_) {
    if (batch.number > done) ledger.pending += batch.count;
  }
  return ledger;
}

}  // namespace metlog
