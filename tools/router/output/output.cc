#include "tools/router/output/output.h"

#include <string.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/flush/last_trouble.h"

namespace metlog {
namespace {

// Slices after which the thread is woken before the round ends.
constexpr std::size_t kWakeAfter = 4;
// More than a piece of dead letters takes.
constexpr std::chrono::milliseconds kDeadLetterWait{1000};

SendQueue::Options queue_options(const SendQueue::Options& options, BatchSource& source) {
  SendQueue::Options changed = options;
  changed.batch_count = std::max<std::size_t>(options.batch_count, 2);
  changed.source = &source;
  return changed;
}

std::shared_ptr<DeliveryLog> log_of(const Output::Options& options, const Sender& sender) {
  if (options.log != nullptr) return options.log;
  return std::make_shared<DeliveryLog>(
      options.name.empty() ? std::string(sender.url()) : options.name, options.dead_letters);
}

/// The encoder, or what a sender that needs to see the messages makes of it.
std::unique_ptr<MessageEncoder> encoder_for(Sender& sender,
                                            std::unique_ptr<MessageEncoder> encoder) {
  auto* const routes = dynamic_cast<RoutesMessages*>(&sender);
  return routes == nullptr ? std::move(encoder) : routes->routed(std::move(encoder));
}

}  // namespace

Output::Output(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
               const Options& options)
    : waiting_(options.queue_bytes),
      name_(options.name),
      metrics_(options.metrics),
      matcher_(options.match),
      on_full_(options.on_full),
      backpressure_limit_(options.backpressure_limit),
      encoder_(encoder_for(*sender, std::move(encoder))),
      log_(log_of(options, *sender)),
      linger_(options.linger),
      queue_(std::move(sender), queue_options(options.queue, *this)) {}

std::uint64_t Output::match(const DecodedMessage& message) {
  if (!matcher_.matches(message)) {
    ++not_matched_;
    return 0;
  }
  ++matched_;
  ++routed_;
  return bit_;
}

bool Output::take(const BlockSlice& slice) {
  const std::uint64_t count = std::exchange(matched_, 0);
  if (count == 0) return true;
  if (on_full_ == OnFull::kDropOldest) {
    waiting_.make_room_for(slice);
  } else if (drops() && !waiting_.has_room_for(slice)) {
    queue_full_ += count;
    return true;
  }
  waiting_.push(slice, count);
  if (++unannounced_ == kWakeAfter) queue_.wake();
  return drops() || !waiting_.is_over_limit();
}

void Output::end_round() {
  if (!queue_.has_thread()) {
    queue_.step();
  } else if (unannounced_ > 0) {
    queue_.wake();
  }
  unannounced_ = 0;
}

bool Output::backpressures_inputs(TimePoint now) {
  if (!waiting_.is_over_limit()) {
    backpressure_ = Backpressure::kOff;
  } else if (on_full_ == OnFull::kWait && backpressure_ == Backpressure::kOff) {
    backpressure_ = Backpressure::kOn;
    backpressure_since_ = now;
  }
  if (backpressure_ == Backpressure::kOn && now - backpressure_since_ >= backpressure_limit_)
    backpressure_ = Backpressure::kTimedOut;
  return backpressure_ == Backpressure::kOn;
}

// A batch that is not full stays here while the sender is busy with others. One at a time is
// encoded for an idle sender, so that it sends what is still in the processor's cache.
void Output::fill(bool sender_is_idle) {
  note_trouble_of_sender();
  while (slice_.block != nullptr || waiting_.pop(slice_)) {
    const bool goes_on = encode_slice(sender_is_idle);
    log_->flush();
    if (!goes_on) return;
    slice_ = {};
  }
  if (sender_is_idle && due() <= std::chrono::nanoseconds(0)) offer_batch();
}

std::chrono::nanoseconds Output::due() const {
  if (batch_ == nullptr) return std::chrono::nanoseconds::max();
  // relaxed: see begin_close()
  if (linger_ == linger_.zero() || closes_.load(std::memory_order_relaxed)) return {};
  return batch_since_ + linger_ - std::chrono::steady_clock::now();
}

/// Encodes what is left of the slice; false when it has to wait for the sender.
bool Output::encode_slice(bool sender_is_idle) {
  const MessageBlock& block = *slice_.block;
  while (slice_.begin < slice_.end) {
    const MessageBlock::Entry& entry = block[slice_.begin];
    if ((entry.outputs & bit_) != 0) {
      if (batch_ == nullptr && !begin_batch()) return false;
      if (!encoder_->encode(entry.message, *batch_)) {
        log_->write_lost(entry.message, LossReason::kFormatterFailed);
        waiting_.without_form();
      }
    }
    ++slice_.begin;
    if (batch_ == nullptr || !batch_->is_full()) continue;
    offer_batch();
    if (sender_is_idle) return false;
  }
  return true;
}

bool Output::begin_batch() {
  batch_ = queue_.try_take_empty();
  if (batch_ != nullptr && linger_ != linger_.zero()) {
    batch_since_ = std::chrono::steady_clock::now();
  }
  return batch_ != nullptr;
}

void Output::offer_batch() {
  if (batch_ == nullptr) return;
  Batch* const batch = std::exchange(batch_, nullptr);
  const std::uint64_t count = batch->user_count();
  // Before the offer: from then on the batch may be done.
  if (count > 0) waiting_.batched(queue_.offered_number() + 1, count, queue_.done_number());
  queue_.offer(batch);
}

void Output::expire() {
  offer_batch();
  while (slice_.block != nullptr || waiting_.pop(slice_)) {
    for (std::uint32_t i = slice_.begin; i < slice_.end; ++i) {
      const MessageBlock::Entry& entry = (*slice_.block)[i];
      if ((entry.outputs & bit_) != 0) log_->write_lost(entry.message, LossReason::kExpired);
    }
    slice_ = {};
  }
  log_->flush();
  waiting_.expire();
}

void Output::end_close() {
  queue_.end_stop();
  // A queue of dead letters takes a disk its time. One that takes none is not waited for.
  const auto lines = [this] {
    const DeliveryCounts counts = log_->counts();
    return counts.dead_lettered + counts.dead_letters_failed;
  };
  std::uint64_t before = lines();
  for (auto since = std::chrono::steady_clock::now(); !queue_.has_ended();) {
    const auto now = std::chrono::steady_clock::now();
    if (const std::uint64_t written = lines(); written != before) {
      before = written;
      since = now;
    } else if (!log_->is_wanted() || now - since >= kDeadLetterWait) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Output::completed(const Batch& batch) {
  note_trouble_of_sender();
  log_->write_lost(batch, encoder_->is_json());
}

/// The sender runs on this thread.
void Output::note_trouble_of_sender() {
  const std::optional<Trouble> trouble = take_trouble();
  if (!trouble) return;
  const char* const reason = ::strerrordesc_np(trouble->error);
  log_->note_error(
      absl::StrCat("cannot ", trouble->doing, ": ", reason != nullptr ? reason : "unknown error"));
}

OutputLedger& operator+=(OutputLedger& sum, const OutputLedger& other) {
  sum.not_matched += other.not_matched;
  sum.routed += other.routed;
  sum.written += other.written;
  sum.lost += other.lost;
  sum.pending += other.pending;
  sum.acknowledged += other.acknowledged;
  sum.delivery.in_flight += other.delivery.in_flight;
  sum.delivery.retried += other.delivery.retried;
  sum.delivery.unanswered += other.delivery.unanswered;
  sum.delivery.dead_lettered += other.delivery.dead_lettered;
  sum.delivery.dead_letters_failed += other.delivery.dead_letters_failed;
  sum.queue_bytes += other.queue_bytes;
  sum.queue_limit_bytes += other.queue_limit_bytes;
  if (other.last_error.utc_ns > sum.last_error.utc_ns) sum.last_error = other.last_error;
  return sum;
}

OutputLedger Output::ledger() const {
  OutputLedger ledger;
  // Read before the counts, which then include these batches.
  const std::uint64_t done = queue_.done_number();
  const SendQueue::Counts counts = queue_.counts();
  const OutputQueue::Counts before = waiting_.counts(done);
  ledger.name = name_;
  ledger.url = queue_.sender().url();
  ledger.not_matched = not_matched_;
  ledger.routed = routed_;
  ledger.written = counts.sent;
  ledger.lost = counts.lost;
  ledger.lost[LossReason::kQueueFull] += queue_full_ + before.dropped;
  ledger.lost[LossReason::kFormatterFailed] += before.without_form;
  ledger.lost[LossReason::kExpired] += before.expired;
  ledger.pending = before.pending + matched_;
  if (queue_.handover() == Handover::kPeer) ledger.acknowledged = ledger.written;
  ledger.delivery = log_->counts();
  ledger.queue_bytes = waiting_.bytes();
  ledger.queue_limit_bytes = waiting_.limit_bytes();
  ledger.last_error = log_->last_error();
  return ledger;
}

}  // namespace metlog
