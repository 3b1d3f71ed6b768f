#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/emit/client_slots.h"
#include "metlog/internal/ring/ring_writer.h"
#include "metlog/loss.h"

namespace metlog {

struct LiveRing;

/// Losses that happen on the caller's thread.
enum class CallerLoss : std::uint8_t { kRingFull, kTooBig };
inline constexpr std::size_t kCallerLossCount = 2;

/// What the ledger calls it.
constexpr LossReason reason_of(CallerLoss loss) {
  return loss == CallerLoss::kRingFull ? LossReason::kRingFull : LossReason::kTooBig;
}

/// Losses of one client and reason since the last mark in the ring.
struct LossTally {
  std::uint64_t count;
  std::uint64_t first_stamp;
  std::uint64_t last_stamp;
  std::uint32_t generation;  // the client's, see generation_of()
};

/// A thread's own page: the writing end of its ring and its counts. Private, zeroed memory under
/// MADV_WIPEONFORK: a forked child finds zeros, which are a valid producer without a ring, and so
/// takes the cold path. Stored by its thread; the counters are read by any.
struct Producer {
  RingWriter writer;
  // Cold, but in the page that is always at hand: what is seldom touched costs the most.
  LiveRing* ring;
  std::uint64_t published_context;  // id of the context that the ring's messages carry; 0 for none
  std::uint64_t pending_count;      // sum of pending[..].count
  /// For the writer's `freed`, in this page, which each call touches anyway. A ring after the other
  /// takes the next word, for those that are still to be drained go on with theirs; each is twice
  /// as large as the one before, so there are never more.
  PlainAtomic<std::uint64_t> freed[32];
  std::uint32_t next_freed;
  /// Calls that were let through, by client; counted where they are made, not where they are
  /// drained, so that the ledger's identity means something.
  PlainAtomic<std::uint64_t> emitted[kClientSlots];
  /// Of those, lost before they were in the ring.
  PlainAtomic<std::uint64_t> lost[kCallerLossCount][kClientSlots];
  LossTally pending[kCallerLossCount][kClientSlots];
};

/// The calling thread's producer; before its first call one without a ring, never null.
/// initial-exec: one instruction instead of a call.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Producer* t_producer;

/// The calling thread's page: the one it has, or a fresh one, zeroed and wiped on fork. Null when
/// the system refuses memory. Pages are recycled, never unmapped: a thread-local pointer may still
/// point to one.
Producer* take_producer_page();

/// Gives the page of an ended thread back, once its counts have been harvested. Any thread.
void recycle_producer_page(Producer& page);

}  // namespace metlog
