#include "metlog/internal/flush/destination.h"

#include <algorithm>
#include <atomic>

namespace metlog {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) +
         1;  // relaxed: an id that must only be unique
}

void add(Ledger& sum, const Ledger& part) {
  sum.sent += part.sent;
  sum.pending += part.pending;
  sum.filtered += part.filtered;
  sum.marks += part.marks;
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    sum.lost.by_reason[i] += part.lost.by_reason[i];
  }
}

}  // namespace

Destination::Destination(std::vector<std::unique_ptr<SendQueue>> queues) : id_(next_id()) {
  for (auto& queue : queues) queues_.push_back({std::move(queue), nullptr});
}

bool Destination::begin_batch(OpenQueue& open) {
  if (open.filling != nullptr) offer(open);
  open.filling = open.queue->try_take_empty();
  if (open.filling != nullptr) {
    stalled_since_.reset();
    return true;
  }
  if (!stalled_since_.has_value()) stalled_since_ = std::chrono::steady_clock::now();
  return false;
}

std::chrono::nanoseconds Destination::stalled_for() const {
  if (!stalled_since_.has_value()) return std::chrono::nanoseconds(0);
  return std::chrono::steady_clock::now() - *stalled_since_;
}

void Destination::offer(OpenQueue& open) {
  open.queue->offer(open.filling);
  open.filling = nullptr;
}

void Destination::offer_all() {
  for (OpenQueue& open : queues_) {
    if (open.filling != nullptr && open.filling->remaining_count() != 0) offer(open);
    open.queue->announce();
  }
}

bool Destination::step() {
  bool progressed = false;
  for (OpenQueue& open : queues_) {
    if (!open.queue->has_thread()) progressed |= open.queue->step();
  }
  return progressed;
}

void Destination::hold() {
  for (const OpenQueue& open : queues_) open.queue->hold();
}

void Destination::release() {
  for (const OpenQueue& open : queues_) open.queue->release();
}

bool Destination::stop(std::chrono::steady_clock::time_point deadline) {
  is_flushed_ = true;
  for (const OpenQueue& open : queues_) {
    const std::chrono::nanoseconds left = deadline - std::chrono::steady_clock::now();
    is_flushed_ &= open.queue->stop(std::max(left, std::chrono::nanoseconds(0)));
  }
  return is_flushed_;
}

void Destination::ask_for_handover(const Offered& offered,
                                   std::chrono::steady_clock::time_point until) {
  if (offered.destination != id_) return;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    queues_[i].queue->ask_for_flush(offered.numbers[i], until);
  }
}

std::optional<Handover> Destination::handover(const Offered& offered) const {
  if (previous_ != nullptr) return std::nullopt;
  if (offered.destination != id_) return retired_handover_;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].queue->flushed_number() < offered.numbers[i]) return std::nullopt;
  }
  return promise();
}

Handover Destination::final_handover() const {
  return std::min(retired_handover_, is_flushed_ ? promise() : Handover::kNone);
}

Handover Destination::promise() const {
  Handover weakest = Handover::kPeer;
  for (const OpenQueue& open : queues_) weakest = std::min(weakest, open.queue->handover());
  return weakest;
}

LossCounts Destination::unreported_losses() const {
  LossCounts unreported = ledger().lost;
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    unreported.by_reason[i] -= reported_.by_reason[i];
  }
  return unreported;
}

Destination::Offered Destination::offered() const {
  Offered offered{id_, {}};
  for (const OpenQueue& open : queues_) offered.numbers.push_back(open.queue->offered_number());
  return offered;
}

bool Destination::has_done(const Offered& offered) const {
  if (previous_ != nullptr) return false;
  if (offered.destination != id_) return true;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].queue->done_number() < offered.numbers[i]) return false;
  }
  return true;
}

Ledger Destination::ledger() const {
  Ledger ledger;
  ledger.lost = lost_in_flusher_;
  ledger.marks = marks_;
  ledger.filtered = filtered_;
  std::uint64_t lost_in_queues = 0;
  for (const OpenQueue& open : queues_) {
    const SendQueue::Counts counts = open.queue->counts();
    ledger.sent += counts.sent;
    lost_in_queues += counts.lost.total();
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      ledger.lost.by_reason[i] += counts.lost.by_reason[i];
    }
  }
  ledger.pending = drained_ - ledger.sent - lost_in_queues;
  add(ledger, retired_);
  if (previous_ != nullptr) add(ledger, previous_->ledger());
  return ledger;
}

void Destination::follow(std::unique_ptr<Destination> previous) {
  reported_ = previous->reported_;
  marked_ = previous->marked_;
  previous_ = std::move(previous);
}

std::unique_ptr<Destination> Destination::absorb_previous() {
  add(retired_, previous_->ledger());
  if (previous_->ledger().sent != 0) {
    retired_handover_ = std::min(retired_handover_, previous_->final_handover());
  }
  return std::move(previous_);
}

}  // namespace metlog
