#include "metlog/internal/flush/flusher.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/flush/thread_state.h"
#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {
namespace {

constexpr std::chrono::nanoseconds kLongRound = std::chrono::microseconds(500);

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

Flusher::Flusher(const Parts& parts)
    : rings_(*parts.rings),
      clock_(*parts.clock),
      delivery_(parts.process),
      losses_(delivery_, rings_, parts.session),
      clock_jumps_(delivery_, parts.session),
      stats_(delivery_, rings_, parts.session, parts.process.program),
      time_(clock_.line(), steady_ticks()),
      linger_(parts.linger),
      gathered_(record_capacity(kMaxRecordCells)) {}

absl::Status Flusher::start_queues(TimePoint deadline) {
  const FlusherLock lock(mutex_, deadline);
  if (!lock.is_held()) {
    return absl::DeadlineExceededError(
        "no thread could be started, because another one runs the filters and has not returned");
  }
  accept_arrivals();
  return delivery_.start_queues();
}

bool Flusher::step(TimePoint deadline, Batches batches) {
  const bool is_here = FlusherThread::is_here();
  if (is_here && !is_taken_over_) return false;  // called by a filter
  const FlusherLock lock(mutex_, deadline);
  if (!lock.is_held()) return false;
  if (!is_here && is_taken_over_) return false;  // the mutex is lent: see lendable()
  rounds_.begin();
  accept_arrivals();
  const RoundLoad before = std::exchange(load_, {std::chrono::steady_clock::now()});
  load_.passed = load_.begun - before.begun;
  load_.may_linger =
      !take_hand_over_request() && batches == Batches::kMayLinger && linger_.count() > 0;
  bool worked = follow_clock();
  const Drained drained = drain(steady_ticks());
  worked |= drained.worked;
  stats_.note_fill(load_.fill);
  delivery_.used().for_each([&](std::uint32_t slot) {
    Destination* const destination = delivery_.destination(slot);
    if (destination == nullptr) return;
    load_.is_stamping |= delivery_.is_stamped_here(slot);
    if (drained.is_settled) losses_.count_damaged(slot);
    losses_.report_losses(slot, time_);
    stats_.report_due(slot, time_, load_.begun);
    if (!load_.may_linger) destination->offer_all();
    worked |= destination->step();
    load_.is_pending |= !destination->has_done(destination->offered());
  });
  if (drained.everything) rounds_.note_empty_rings();
  if (!load_.may_linger) rounds_.note_all_offered();
  retire_orphans();
  rings_.prepare_memory();
  return worked;
}

void Flusher::hand_over(TimePoint next_round) {
  const bool is_here = FlusherThread::is_here();
  const FlusherLock lock(mutex_);
  if (!is_here && is_taken_over_) return;  // the mutex is lent: see lendable()
  if (!delivery_.offer_older(next_round - linger_, load_.begun)) rounds_.note_all_offered();
}

// What was stamped before the jump goes first, with the old time, and the report of the jump goes
// between it and the rest.
bool Flusher::follow_clock() {
  const ClockLine line = clock_.line();
  const std::uint64_t now = steady_ticks();
  const std::optional<Timeline::Jump> jump = time_.jump_to(line, now);
  if (jump.has_value()) {
    drain(now);
    clock_jumps_.add(*jump);
  }
  time_.follow(line, now);
  clock_jumps_.report();
  return jump.has_value();
}

Flusher::Drained Flusher::drain(std::uint64_t until_stamp) {
  Drained drained;
  if (damage_.was_found()) {
    losses_.note_calls();
    drained.is_settled = !RingDamage::is_in_call(rings_.live_rings());
  }
  // relaxed: for messages to humans
  began_ns_.store(steady_ns(), std::memory_order_relaxed);
  for (LiveRing* const ring : rings_.live_rings()) {
    ring->round_begin = ring->reader.pos();
    // A ring that continues another is read in a later round, when the other one is done.
    if (ring->follows != nullptr) drained.everything = false;
  }
  merge_.begin(rings_.live_rings(), until_stamp);
  while (const TimeMerge::Entry* const oldest = merge_.oldest()) {
    LiveRing& ring = *oldest->ring;
    const RecordHeader head = RecordHeader::unpack(oldest->word);
    taken_ring_ = &ring;
    taken_ = head;
    std::uint64_t cells = head.cells;
    const bool taken = !RingDamage::is_plausible(ring, head) ? damage_.find_next(ring, cells)
                       : head.site < kFirstSiteId            ? take_control(ring, head)
                                                             : take_call(*oldest, head);
    taken_ring_ = nullptr;
    if (!taken) {
      drained.everything = false;
      merge_.leave();
      continue;
    }
    drained.worked = true;
    ring.reader.advance(cells);
    merge_.took();
  }
  const bool is_look_due = damage_.is_look_due();
  for (LiveRing* const ring : rings_.live_rings()) {
    drained.everything &= !damage_.free_if_stuck(*ring, is_look_due);
    // Also not one whose stamp is later.
    drained.is_settled &= ring->reader.peek() == 0;
    const std::uint64_t capacity = ring->reader.capacity();
    // After a long sleep what `freed` lags is part of the quarter that wakes this thread.
    ring->reader.release_space(capacity / (load_.passed > kLongRound ? 64 : 8));
    load_.fill = std::max(load_.fill, static_cast<double>(ring->reader.pos() - ring->round_begin) /
                                          static_cast<double>(capacity));
  }
  load_.is_stalled |= !drained.everything;
  drained.is_settled &= drained.everything;
  return drained;
}

bool Flusher::take_call(const TimeMerge::Entry& found, const RecordHeader& head) {
  LiveRing& ring = *found.ring;
  const std::uint32_t slot = head.client % std::uint32_t{kClientSlots};
  if (delivery_.destination(slot) == nullptr && accept_arrival(slot) == nullptr) [[unlikely]]
    return true;
  const std::int64_t utc_ns = utc_ns_of(found, time_);
  const SiteLayout* const layout = layouts_.find(head.site);
  if (layout == nullptr) {
    damage_.say(ring, head.cells);
    for (const std::uint32_t each : delivery_.slots_of(slot)) {
      delivery_.destination(each)->count_lost(LossReason::kDamaged, 1);
    }
    return true;
  }
  if (ring.thread.id == 0) [[unlikely]]
    read_thread(ring);
  RecordView record{layout,
                    gather_record(ring.reader, head.cells, gathered_.data()),
                    record_capacity(head.cells),
                    utc_ns,
                    &time_.line(),
                    &ring.context,
                    ring.context.bytes,
                    ring.next_id(),
                    &ring.thread};
  if (layout->time_arg != SIZE_MAX) [[unlikely]]
    record.utc_ns = layout->given_time(record);
  return delivery_.deliver(record, slot, ring.queue_key);
}

bool Flusher::take_control(LiveRing& ring, const RecordHeader& head) {
  if (static_cast<ControlRecord>(head.site) == ControlRecord::kLoss) {
    accept_arrivals();
    return losses_.take_mark(ring, head, time_);
  }
  take_thread_state(ring, head, gathered_.data());
  return true;
}

void Flusher::retire_orphans() {
  const auto is_over = [&](const LiveRing* ring) {
    // acquire: pairs with the release in retire(); its last record is visible to peek()
    return ring->is_orphan.load(std::memory_order_acquire) || rings_.is_continued(*ring);
  };
  const std::vector<LiveRing*>& live = rings_.live_rings();
  if (std::none_of(live.begin(), live.end(), is_over)) return;
  const std::vector<LiveRing*> rings = live;  // a copy: remove() changes the list
  for (LiveRing* const ring : rings) {
    if (!is_over(ring) || ring->follows != nullptr || ring->reader.peek() != 0) continue;
    if (damage_.free_if_stuck(*ring, true)) continue;
    if (ring->followed_by == nullptr && !losses_.report_pending_losses(*ring, time_)) continue;
    rings_.remove(*ring);
  }
}

void Flusher::accept_arrivals() {
  if (!delivery_.has_arrivals()) return;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) delivery_.accept(slot);
}

Destination* Flusher::accept_arrival(std::uint32_t slot) {
  if (delivery_.has_arrivals()) delivery_.accept(slot);
  return delivery_.destination(slot);
}

Flusher::Blocker Flusher::blocker() const {
  // relaxed: for messages to humans
  const std::int64_t ns = steady_ns() - began_ns_.load(std::memory_order_relaxed);
  return {delivery_.inside_callbacks_of(), std::chrono::nanoseconds(ns)};
}

bool Flusher::take_over(TimePoint deadline) {
  if (is_taken_over_) return true;
  if (!FlusherThread::is_here()) {
    if (!mutex_.try_lock_until(deadline)) return false;
    has_locked_ = true;
  } else if (const std::optional<std::uint32_t> slot = delivery_.inside_callbacks_of()) {
    delivery_.give_up_callbacks(*slot);
    if (taken_ring_ != nullptr) {
      if (taken_.site >= kFirstSiteId) {
        delivery_.destination(*slot)->count_lost(LossReason::kExpired, 1);
      }
      taken_ring_->reader.advance(taken_.cells);
      taken_ring_ = nullptr;
    }
  } else {
    return false;
  }
  FlusherThread::stay();
  is_taken_over_ = true;
  accept_arrivals();
  return true;
}

void Flusher::give_back() {
  if (!std::exchange(has_locked_, false)) return;
  is_taken_over_ = false;
  FlusherThread::leave();
  mutex_.unlock();
}

RoundLoad Flusher::last_round() const {
  const FlusherLock lock(mutex_);
  return load_;
}

bool Flusher::is_filling() const {
  const FlusherLock lock(mutex_);
  const std::vector<LiveRing*>& rings = rings_.live_rings();
  return std::any_of(rings.begin(), rings.end(), [](const LiveRing* ring) {
    return ring->reader.is_past_quarter(ring->memory->ready_cells());
  });
}

ClockLine Flusher::clock_line() const {
  const FlusherLock lock(mutex_);
  return time_.line();
}

}  // namespace metlog
