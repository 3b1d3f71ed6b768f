#include "metlog/internal/flush/destination.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/emit/sampled_out.h"

namespace metlog {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) +
         1;  // relaxed: an id that must only be unique
}

/// Returns where everything is that it has sent; kPeer for nothing.
Handover handover_of_sent(const Destination* destination) {
  if (ledger_of(destination).sent == 0) return Handover::kPeer;
  return destination->final_handover();
}

/// Returns what its queues, and those of destinations before it, have done.
SentTotals totals_of(const Destination& destination) {
  SentTotals totals;
  for (std::size_t i = 0; i < destination.queue_count(); ++i) {
    const SendQueue::Counts counts = destination.queue(i).counts();
    totals.add({0, counts.sent, counts.lost, counts.reported});
  }
  if (destination.previous() != nullptr) totals.add(totals_of(*destination.previous()));
  return totals;
}

}  // namespace

Destination::Destination(std::vector<std::unique_ptr<SendQueue>> queues, bool has_ids)
    : id_(next_id()) {
  const std::size_t id_bytes = has_ids ? kMaxMessageIdBytes : 0;
  for (auto& queue : queues) queues_.push_back({.queue = std::move(queue), .id_bytes = id_bytes});
}

bool Destination::begin_batch(OpenQueue& open) {
  count_drained();
  if (open.filling != nullptr) open.offer();
  const bool has_room = open.begin();
  has_room ? patience_.end_wait() : patience_.begin_wait();
  return has_room;
}

bool Destination::offer_older(OpenQueue::TimePoint limit, OpenQueue::TimePoint now) {
  count_drained();
  bool is_lingering = false;
  for (OpenQueue& open : queues_) {
    is_lingering |= open.offer_older(limit, now);
    open.queue->announce();
  }
  return is_lingering;
}

absl::Status Destination::start() {
  for (const OpenQueue& open : queues_) {
    if (absl::Status status = open.queue->start(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool Destination::step() {
  bool progressed = false;
  for (OpenQueue& open : queues_) {
    if (open.queue->may_step()) progressed |= open.queue->step();
  }
  return progressed;
}

bool Destination::is_sending_here() const {
  return std::any_of(queues_.begin(), queues_.end(),
                     [](const OpenQueue& open) { return open.queue->is_on_thread(); });
}

void Destination::stop(std::chrono::steady_clock::time_point deadline) {
  const std::chrono::nanoseconds left = deadline - std::chrono::steady_clock::now();
  for (const OpenQueue& open : queues_) open.queue->begin_stop(left);
  is_flushed_ = true;
  for (const OpenQueue& open : queues_) is_flushed_ &= open.queue->end_stop();
  // release: pairs with has_ended(); another thread may destroy this from now on
  has_stopped_.store(true, std::memory_order_release);
}

void Destination::cut_off(std::chrono::steady_clock::time_point deadline) {
  for (const OpenQueue& open : queues_) open.queue->stop_stepping();
  stop(deadline);
}

bool Destination::has_ended() const {
  // acquire: pairs with the release in stop()
  return has_stopped_.load(std::memory_order_acquire) &&
         (previous_ == nullptr || previous_->has_ended()) &&
         std::all_of(queues_.begin(), queues_.end(),
                     [](const OpenQueue& open) { return open.queue->has_ended(); });
}

void Destination::ask_for_handover(const Offered& offered,
                                   std::chrono::steady_clock::time_point until) const {
  if (offered.destination != id_) return;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    queues_[i].queue->ask_for_flush(offered.numbers[i], until);
  }
}

std::optional<Handover> Destination::handover(const Offered& offered) const {
  if (previous_ != nullptr) return std::nullopt;
  if (offered.destination != id_) return retired_handover_;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const SendQueue& queue = *queues_[i].queue;
    if (queue.flushed_number() >= offered.numbers[i]) continue;
    if (queue.unflushed_number() >= offered.numbers[i]) return Handover::kNone;
    return std::nullopt;
  }
  return promise();
}

Handover Destination::final_handover() const {
  const Handover own = is_flushed_ ? promise() : Handover::kNone;
  return std::min({own, retired_handover_, handover_of_sent(previous_.get())});
}

Handover Destination::promise() const {
  Handover weakest = Handover::kPeer;
  for (const OpenQueue& open : queues_) weakest = std::min(weakest, open.queue->handover());
  return weakest;
}

void Destination::notice_losses(std::int64_t now_ns) {
  take_back_notices();
  const LossCounts lost = ledger().lost;
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const std::uint64_t count = lost.by_reason[i] - noticed_.by_reason[i];
    if (count != 0) unreported_.add(loss_of(static_cast<LossReason>(i), count, now_ns, now_ns));
  }
  noticed_ = lost;
}

void Destination::take_back_notices() {
  take_back_earlier_notices();  // says nothing about this one
  if (!take_back_notices(*this)) return;
  unreported_.wait(taken(), std::chrono::steady_clock::now());
  ++reporting_key_;
}

void Destination::take_back_earlier_notices() {
  for (Destination* from = previous_.get(); from != nullptr; from = from->previous_.get()) {
    take_back_notices(*from);
  }
}

bool Destination::take_back_notices(Destination& from) {
  bool found = false;
  for (const OpenQueue& open : from.queues_) {
    const std::vector<Notice> notices = open.queue->take_lost_notices();
    for (const Notice& notice : notices) unreported_.add(notice);
    found |= !notices.empty();
  }
  return found;
}

std::uint64_t Destination::taken() const {
  std::uint64_t taken = 0;
  for (const OpenQueue& open : queues_) {
    const SendQueue::Counts counts = open.queue->counts();
    taken += counts.sent + counts.marks;
  }
  return taken;
}

bool Destination::may_report() {
  return unreported_.is_due(taken(), std::chrono::steady_clock::now());
}

LossCounts Destination::reported() const {
  LossCounts reported = retired_reported_;
  for (const OpenQueue& open : queues_) reported += open.queue->counts().reported;
  if (previous_ != nullptr) reported += previous_->reported();
  return reported;
}

Destination::Offered Destination::offered() const {
  Offered offered{id_, {}};
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    offered.numbers[i] = queues_[i].queue->offered_number();
  }
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
  ledger.lost = in_flusher_.lost();
  ledger.filtered = in_flusher_.filtered();
  std::uint64_t lost_in_queues = 0;
  for (const OpenQueue& open : queues_) {
    const SendQueue::Counts counts = open.queue->counts();
    lost_in_queues += counts.lost.total();
    ledger +=
        {.sent = counts.sent, .lost = counts.lost, .marks = counts.marks, .bytes = counts.bytes};
  }
  const std::uint64_t offered = offered_user_.load(Order::kRelaxed);  // relaxed: a count
  ledger.pending = offered - std::min(offered, ledger.sent + lost_in_queues);
  ledger += retired_;
  if (previous_ != nullptr) ledger += previous_->ledger();
  return ledger;
}

void Destination::follow(std::unique_ptr<Destination> previous) {
  client_number_ = previous->client_number_;
  noticed_ = previous->noticed_;
  marked_ = previous->marked_;
  unreported_.add(previous->unreported_);
  previous_ = std::move(previous);
}

std::unique_ptr<Destination> Destination::absorb_previous() {
  take_back_earlier_notices();
  in_flusher_.retire(totals_of(*previous_), queue(0).stream().number);
  retired_ += previous_->ledger();
  retired_handover_ = std::min(retired_handover_, handover_of_sent(previous_.get()));
  retired_reported_ += previous_->reported();
  return std::move(previous_);
}

Ledger whole_account(const Ledger& of_destination, const RingSet& rings, std::uint32_t slot) {
  Ledger ledger = of_destination;
  for (const CallerLoss loss : {CallerLoss::kRingFull, CallerLoss::kTooBig}) {
    ledger.lost[reason_of(loss)] += rings.lost(loss, slot);
  }
  ledger.lost[LossReason::kNoRing] += rings.unattached(slot);
  ledger.lost[LossReason::kForked] += rings.forked(slot);
  ledger.emitted = rings.emitted(slot);
  ledger.sampled_out = sampled_out(rings.accounts().slot_of_calls(slot));
  return ledger;
}

}  // namespace metlog
