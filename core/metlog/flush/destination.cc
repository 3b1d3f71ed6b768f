#include "metlog/flush/destination.h"

namespace metlog {

Destination::Destination(std::vector<std::unique_ptr<Lane>> lanes) {
  for (auto& lane : lanes) lanes_.push_back({std::move(lane), nullptr});
}

char* Destination::try_reserve(std::size_t lane_key, std::size_t bytes) {
  OpenLane& open = lanes_[lane_key % lanes_.size()];
  if (open.filling != nullptr && open.filling->is_full()) offer(open);
  if (open.filling == nullptr) open.filling = open.lane->try_take_empty();
  if (open.filling != nullptr) {
    stalled_since_.reset();
    return open.filling->reserve(bytes);
  }
  if (!stalled_since_.has_value()) stalled_since_ = std::chrono::steady_clock::now();
  return nullptr;
}

std::chrono::nanoseconds Destination::stalled_for() const {
  if (!stalled_since_.has_value()) return std::chrono::nanoseconds(0);
  return std::chrono::steady_clock::now() - *stalled_since_;
}

void Destination::commit(std::size_t lane_key, const char* end, Batch::Origin origin) {
  lanes_[lane_key % lanes_.size()].filling->commit(end, origin);
  if (origin == Batch::Origin::kUser) ++drained_;
}

void Destination::offer(OpenLane& open) {
  open.lane->offer(open.filling);
  open.filling = nullptr;
}

void Destination::offer_all() {
  for (OpenLane& open : lanes_) {
    if (open.filling != nullptr && open.filling->remaining_count() != 0) offer(open);
    open.lane->announce();
  }
}

bool Destination::step() {
  bool progressed = false;
  for (OpenLane& open : lanes_) {
    if (!open.lane->has_thread()) progressed |= open.lane->step();
  }
  return progressed;
}

LossCounts Destination::untold_losses() const {
  LossCounts untold = lost_here_;
  for (const OpenLane& open : lanes_) {
    const LossCounts lost = open.lane->counts().lost;
    for (std::size_t i = 0; i < kLossReasonCount; ++i) untold.by_reason[i] += lost.by_reason[i];
  }
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    untold.by_reason[i] -= told_.by_reason[i];
  }
  return untold;
}

std::vector<std::uint64_t> Destination::offered() const {
  std::vector<std::uint64_t> numbers;
  for (const OpenLane& open : lanes_) numbers.push_back(open.lane->offered_number());
  return numbers;
}

bool Destination::has_done(const std::vector<std::uint64_t>& offered) const {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].lane->done_number() < offered[i]) return false;
  }
  return true;
}

Ledger Destination::ledger() const {
  Ledger ledger;
  ledger.lost = lost_here_;
  ledger.marks = marks_;
  std::uint64_t lost_on_lanes = 0;
  for (const OpenLane& open : lanes_) {
    const LaneCounts counts = open.lane->counts();
    ledger.sent += counts.sent;
    lost_on_lanes += counts.lost.total();
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      ledger.lost.by_reason[i] += counts.lost.by_reason[i];
    }
  }
  ledger.pending = drained_ - ledger.sent - lost_on_lanes;
  return ledger;
}

}  // namespace metlog
