#include "tools/router/output/output.h"

#include <algorithm>

namespace metlog {

Output::Output(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
               const Options& options)
    : matcher_(options.match),
      encoder_(std::move(encoder)),
      on_full_(options.on_full),
      backpressure_limit_(options.backpressure_limit),
      queue_(std::move(sender), {.batch_bytes = options.queue.batch_bytes,
                                 .batch_count = std::max<std::size_t>(options.queue.batch_count, 2),
                                 .stream = options.queue.stream}),
      current_(queue_.try_take_empty()) {}

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
  if (!encoder_->encode(message, *current_)) ++without_form_;
  return has_room() || drops();
}

bool Output::end_round() {
  queue_.announce();
  if (current_->user_count() == 0) return true;
  if (queue_.done_number() != queue_.offered_number() || !turn_over()) return false;
  queue_.announce();
  return true;
}

bool Output::backpressures_inputs(TimePoint now) {
  if (has_room()) {
    backpressure_ = Backpressure::kOff;
  } else if (on_full_ == OnFull::kWait && backpressure_ == Backpressure::kOff) {
    backpressure_ = Backpressure::kOn;
    backpressure_since_ = now;
  }
  if (backpressure_ == Backpressure::kOn && now - backpressure_since_ >= backpressure_limit_)
    backpressure_ = Backpressure::kTimedOut;
  return backpressure_ == Backpressure::kOn;
}

bool Output::has_room() { return !current_->is_full() || turn_over(); }

bool Output::turn_over() {
  Batch* next = queue_.try_take_empty();
  if (next == nullptr) return false;
  offer_current();
  current_ = next;
  return true;
}

void Output::offer_current() {
  const std::uint64_t done = queue_.done_number();
  std::erase_if(offered_, [done](const Offered& batch) { return batch.number <= done; });
  const std::uint64_t count = current_->user_count();
  queue_.offer(current_);
  offered_.push_back({queue_.offered_number(), count});
}

void Output::close(std::chrono::nanoseconds limit) {
  if (current_ == nullptr) return;
  offer_current();
  current_ = nullptr;
  queue_.stop(limit);
}

OutputLedger Output::ledger() const {
  OutputLedger ledger;
  // Read before the counts, which then include these batches.
  const std::uint64_t done = queue_.done_number();
  const SendQueue::Counts counts = queue_.counts();
  ledger.url = queue_.sender().url();
  ledger.not_matched = not_matched_;
  ledger.routed = routed_;
  ledger.written = counts.sent;
  ledger.lost = counts.lost;
  ledger.lost[LossReason::kQueueFull] += queue_full_;
  ledger.lost[LossReason::kFormatterFailed] += without_form_;
  ledger.pending = current_ == nullptr ? 0 : current_->user_count();
  for (const Offered& batch : offered_) {
    if (batch.number > done) ledger.pending += batch.count;
  }
  return ledger;
}

}  // namespace metlog
