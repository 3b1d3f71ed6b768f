// The flusher's way for a call's record: its time, its site, its message in a batch.

#include <algorithm>
#include <chrono>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/flush/flusher.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {
namespace {

// How long the clients of other destinations wait for one that is behind.
constexpr std::chrono::milliseconds kPatience{100};

}  // namespace

// The time of a ring's next record. It never runs back within a thread, whatever the clock's line
// does; but a record that was kept (emit_kept()) tells of a time before.
std::int64_t Flusher::take_time(const TimeMerge::Head& found) const {
  // More than counters of different processors can differ by.
  constexpr std::int64_t kSkewNs = 10'000;
  LiveRing& ring = *found.ring;
  const std::int64_t own_ns = line_.utc_ns(found.stamp);
  // Signed, as the counter may wrap; most records are younger than the one before.
  const bool is_older = static_cast<std::int64_t>(found.stamp - ring.last_stamp) < 0;
  if (is_older && ring.last_stamp != 0 && own_ns + kSkewNs < line_.utc_ns(ring.last_stamp)) {
    return own_ns;
  }
  const std::int64_t utc_ns = std::max(ring.last_utc_ns, own_ns);
  // When a record was found says nothing about those that have a stamp.
  if (found.cell->stamp != kNoStamp) {
    ring.last_utc_ns = utc_ns;
    ring.last_stamp = found.stamp;
  }
  return utc_ns;
}

bool Flusher::take_call(const TimeMerge::Head& found, const Head& head) {
  LiveRing& ring = *found.ring;
  const std::uint32_t slot = head.client % std::uint32_t{kClientSlots};
  Destination* const destination = destinations_[slot].get();
  if (destination == nullptr) return true;
  const std::int64_t utc_ns = take_time(found);
  const SitePlan* const plan = plans_.find(head.site);
  if (plan == nullptr) {
    destination->count_lost(LossReason::kRefused, 1);
    return true;
  }
  const RecordView record{plan,
                          gather_record(ring.reader, head.cells, gathered_.data()),
                          record_capacity(head.cells),
                          utc_ns,
                          &line_,
                          &ring.context,
                          ring.context.bytes};
  const std::size_t lane_key = ring.memory->header().index;
  return filters_[slot] == nullptr ? deliver(record, slot, lane_key)
                                   : deliver_filtered(record, slot, lane_key);
}

bool Flusher::deliver(const RecordView& record, std::uint32_t slot, std::size_t lane_key) {
  Destination& destination = *destinations_[slot];
  Encoder& encoder = *encoders_[slot];
  char* const out = destination.try_reserve(lane_key, encoder.bound(record, slot));
  if (out == nullptr) return give_up(slot);
  destination.commit(lane_key, encoder.encode(out, record, slot), Batch::Origin::kUser);
  return true;
}

// Whether a stalled client's records are given up, so that those of other clients behind them in
// the same rings get out.
bool Flusher::others_wait_for(std::uint32_t slot) const {
  // relaxed: a switch
  const std::uint8_t policy = g_client_policies[slot].when_full.load(Order::kRelaxed);
  return client_count_ > 1 && static_cast<WhenFull>(policy) != WhenFull::kBlock &&
         destinations_[slot]->stalled_for() >= kPatience;
}

// Whether a record that finds no room is lost, instead of being taken later.
bool Flusher::give_up(std::uint32_t slot) {
  if (!others_wait_for(slot)) return false;
  destinations_[slot]->count_lost(LossReason::kQueueFull, 1);
  return true;
}

}  // namespace metlog
