#include "metlog/internal/flush/flusher.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/codec/context_fields.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {
namespace {

void check_head(const LiveRing& ring, const RecordHeader& head) {
  const std::uint64_t most = std::min<std::uint64_t>(ring.reader.capacity(), kMaxRecordCells);
  if (head.cells >= 1 && head.cells <= most) return;
  std::fprintf(stderr, "metlog: ring %u is damaged at position %llu: %u cells\n",
               ring.memory->header().index, static_cast<unsigned long long>(ring.reader.pos()),
               head.cells);
  std::abort();
}

}  // namespace

Flusher::Flusher(const Parts& parts)
    : rings_(*parts.rings),
      clock_(*parts.clock),
      session_(parts.session),
      envelopes_(parts.process),
      line_(clock_.line()),
      gathered_(record_capacity(kMaxRecordCells)) {}

bool Flusher::step() {
  const FlusherThread here;
  const std::lock_guard lock(mutex_);
  // relaxed: only steps store it, and the mutex orders them
  round_.store(round_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  line_ = clock_.line();
  const Drained drained = drain();
  bool worked = drained.worked;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (destinations_[slot] == nullptr) continue;
    report_queue_losses(slot);
    destinations_[slot]->offer_all();
    worked |= destinations_[slot]->step();
  }
  if (drained.everything) {
    // release: pairs with the acquire in drained_round(); what was drained has been offered
    drained_round_.store(round_.load(std::memory_order_relaxed), std::memory_order_release);
  }
  retire_orphans();
  settle();
  rings_.prepare_spares();
  return worked;
}

Flusher::Drained Flusher::drain() {
  Drained drained;
  for (const LiveRing* const ring : rings_.live_rings()) {
    // One that continues another is looked at only when that one is done, in a later round.
    if (ring->follows != nullptr) drained.everything = false;
  }
  merge_.begin(rings_.live_rings(), steady_ticks());
  while (const TimeMerge::Entry* const oldest = merge_.oldest()) {
    LiveRing& ring = *oldest->ring;
    const RecordHeader head = RecordHeader::unpack(oldest->word);
    check_head(ring, head);
    const bool taken =
        head.site < kFirstSiteId ? take_control(ring, head) : take_call(*oldest, head);
    if (!taken) {
      drained.everything = false;
      merge_.leave();
      continue;
    }
    drained.worked = true;
    ring.reader.advance(head.cells);
    merge_.took();
  }
  for (LiveRing* const ring : rings_.live_rings()) ring->reader.release_space();
  return drained;
}

bool Flusher::take_control(LiveRing& ring, const RecordHeader& head) {
  switch (static_cast<ControlRecord>(head.site)) {
    case ControlRecord::kLoss:
      return take_loss_mark(ring, head);
    case ControlRecord::kContextSet:
      render_context(ring.context, gather_record(ring.reader, head.cells, gathered_.data()),
                     record_capacity(head.cells));
      return true;
    case ControlRecord::kContextClear:
      ring.context.clear();
      return true;
    case ControlRecord::kContinuation:
      if (ring.followed_by != nullptr) {
        ring.followed_by->last_utc_ns = ring.last_utc_ns;
        ring.followed_by->last_stamp = ring.last_stamp;
        ring.followed_by->context = std::move(ring.context);
      }
      return true;
    default:
      return true;
  }
}

void Flusher::retire_orphans() {
  // A copy: remove() changes the list.
  const std::vector<LiveRing*> rings = rings_.live_rings();
  for (LiveRing* const ring : rings) {
    // acquire: pairs with the release in retire(); its last record is visible to peek()
    const bool is_over =
        ring->is_orphan.load(std::memory_order_acquire) || rings_.is_continued(*ring);
    if (!is_over || ring->follows != nullptr || ring->reader.peek() != 0) continue;
    if (ring->followed_by == nullptr && !report_pending_losses(*ring)) continue;
    checkpoint_.forget(*ring);
    rings_.remove(*ring);
  }
}

void Flusher::settle() {
  if (checkpoint_.is_pending() && !checkpoint_.try_complete()) return;
  checkpoint_.begin(rings_.live_rings(), destinations_);
}

void Flusher::add_client(std::uint32_t slot, ClientSetup form,
                         std::unique_ptr<Destination> destination) {
  const std::lock_guard lock(mutex_);
  ++client_count_;
  install(slot, std::move(form), std::move(destination));
}

Destination* Flusher::remove_client(std::uint32_t slot) {
  const FlusherThread here;
  // The user's, destroyed without the lock.
  std::unique_ptr<FilterChain> filters;
  std::unique_ptr<Formatting> formatting;
  const std::lock_guard lock(mutex_);
  if (destinations_[slot] == nullptr) return nullptr;
  report_queue_losses(slot);
  report_caller_losses(slot);
  destinations_[slot]->offer_all();
  checkpoint_.forget(*destinations_[slot]);
  --client_count_;
  filters = std::move(filters_[slot]);
  formatting = std::move(formattings_[slot]);
  removed_[slot] = std::move(destinations_[slot]);
  return removed_[slot].get();
}

std::unique_ptr<Destination> Flusher::forget_client(std::uint32_t slot) {
  const std::lock_guard lock(mutex_);
  return std::move(removed_[slot]);
}

Destination* Flusher::replace_client(std::uint32_t slot, ClientSetup form,
                                     std::unique_ptr<Destination> destination) {
  const FlusherThread here;
  const std::lock_guard lock(mutex_);
  Destination* const previous = destinations_[slot].get();
  if (previous == nullptr) {
    ++client_count_;
  } else {
    line_ = clock_.line();
    drain();
    report_queue_losses(slot);
    previous->offer_all();
    checkpoint_.forget(*previous);
    destination->follow(std::move(destinations_[slot]));
  }
  install(slot, std::move(form), std::move(destination));
  return previous;
}

void Flusher::settle_client(std::uint32_t slot) {
  std::unique_ptr<Destination>
      previous;  // destroyed without the lock: its sender may take its time
  const std::lock_guard lock(mutex_);
  previous = destinations_[slot]->absorb_previous();
}

Ledger Flusher::ledger(std::uint32_t slot) const {
  const std::lock_guard lock(mutex_);
  const Destination* const account = account_of(slot);
  return account == nullptr ? Ledger{} : account->ledger();
}

ClockLine Flusher::clock_line() const {
  const std::lock_guard lock(mutex_);
  return line_;
}

std::uint64_t Flusher::round() const {
  return round_.load(std::memory_order_relaxed);  // relaxed: a number; no data hangs on it
}

std::uint64_t Flusher::drained_round() const {
  // acquire: pairs with the release in step()
  return drained_round_.load(std::memory_order_acquire);
}

Destination::Offered Flusher::offered(std::uint32_t slot) const {
  const std::lock_guard lock(mutex_);
  const Destination* const account = account_of(slot);
  return account == nullptr ? Destination::Offered{} : account->offered();
}

bool Flusher::has_done(std::uint32_t slot, const Destination::Offered& offered) const {
  const std::lock_guard lock(mutex_);
  const Destination* const account = account_of(slot);
  return account == nullptr || account->has_done(offered);
}

const Destination* Flusher::account_of(std::uint32_t slot) const {
  return destinations_[slot] != nullptr ? destinations_[slot].get() : removed_[slot].get();
}

}  // namespace metlog
