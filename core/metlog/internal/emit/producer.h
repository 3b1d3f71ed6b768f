#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/emit/thread_counts.h"
#include "metlog/internal/ring/ring_writer.h"
#include "metlog/internal/site/gate.h"
#include "metlog/loss.h"

namespace metlog {

struct LiveRing;

/// The action of a call when its thread's ring is full.
enum class WhenFull : std::uint8_t {
  kDrop,   // default: the new record is dropped and counted; the caller never waits
  kBlock,  // the caller waits until there is room
  kGrow,   // the thread continues in a ring of twice the size, up to a byte limit; then it drops
};

/// The options of a client that the cold path needs. Stored when the client is opened or
/// configured.
struct ClientPolicy {
  PlainAtomic<std::uint8_t> when_full;          // a WhenFull
  PlainAtomic<std::uint64_t> grow_limit_bytes;  // of all rings of one thread together
  PlainAtomic<std::uint32_t> generation;        // number of clients that have had this slot
};

/// The policies of all clients, by slot.
extern ClientPolicy g_client_policies[kClientSlots];

/// Log calls of this severity or a more severe one wake the flusher; -1 for none. Stored by the
/// engine before any ring is claimed.
extern PlainAtomic<std::int8_t> g_wake_severity;

/// Returns the generation of the slot's present client.
inline std::uint32_t generation_of(std::uint32_t client) {
  // relaxed: stored before any call of that client
  return g_client_policies[client].generation.load(Order::kRelaxed);
}

/// Returns the reason under which the ledger counts the loss.
constexpr LossReason reason_of(CallerLoss loss) {
  return loss == CallerLoss::kRingFull ? LossReason::kRingFull : LossReason::kTooBig;
}

/// Losses of one client for one reason since the last mark in the ring.
struct LossTally {
  std::uint64_t count;
  std::uint64_t first_stamp;
  std::uint64_t last_stamp;
  std::uint32_t generation;  // the client's, see generation_of()
};

/// The pages of one thread: the writer of its ring and its counts. Only its thread stores to them;
/// any thread reads the counters.
///
///   private     writer, and what else a call touches      under MADV_WIPEONFORK: a forked child
///   shared      counts: those of its ring, a CountsPage   finds zeros, which are a valid producer
///   private     pending                                   without a ring, and takes the cold path
///
/// Adjacent, because the processor finds the addresses of both in the same line of its table. In a
/// child the second page is still that of the parent; nothing counts there before the child's
/// thread has a ring of its own, and then the page is that one's.
struct Producer {
  RingWriter writer;
  // Cold, but part of this page because the page is already cached: a separate line would miss.
  LiveRing* ring;
  std::uint64_t published_context;  // id of the context that the ring's messages carry; 0 for none
  std::uint64_t pending_count;      // sum of pending[..].count
  /// Words for the writer's `freed`, in this page because each call touches it anyway. Each new
  /// ring takes the next word, since older rings may still be draining. Rings double in size, so 32
  /// words suffice.
  PlainAtomic<std::uint64_t> freed[32];
  std::uint32_t next_freed;
  Producer* next_free;  // while the pages are not used
  /// Calls on the cold path, also while they wait and the place is not taken: see is_in_call().
  PlainAtomic<std::uint64_t> cold_calls;
  alignas(4096) ThreadCounts counts;
  LossTally pending[kCallerLossCount][kClientSlots];

  /// False when every call that has counted itself so far is over, and what it has written visible.
  /// For the flusher's thread.
  [[nodiscard]] bool is_in_call() const {
    // acquire: pairs with the release of the count; what the call has published is visible
    return writer.glimpse_taken() || cold_calls.load(Order::kAcquire) != 0;
  }
  /// Zeroes the private pages, and gives their memory back. A memset would take some for what the
  /// thread has never used; it is for pages that the program has locked.
  void wipe();
};
static_assert(offsetof(Producer, counts) == 4096 && offsetof(Producer, pending) == 8192);

/// The producer of the calling thread; never null, and without a ring before the first call.
/// initial-exec: one instruction instead of a function call.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Producer* t_producer;

/// Returns the calling thread's page: the one it has, or a new one, zeroed and wiped on fork. Null
/// when the system refuses memory. Pages are recycled and never unmapped, because a thread-local
/// pointer may still point to one.
Producer* take_producer_page();

/// Makes the page of an ended thread available again. The caller has harvested its counts. Any
/// thread.
void recycle_producer_page(Producer& page);

}  // namespace metlog
