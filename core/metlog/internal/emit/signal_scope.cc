#include "metlog/internal/emit/signal_scope.h"

#include <atomic>
#include <cstddef>
#include <iterator>
#include <utility>

#include "metlog/internal/emit/ring_set.h"

namespace metlog {
namespace {

/// A ring for handlers, with the page of its writer. Pages stay for good, as those of threads do.
struct SignalSlot {
  std::atomic<Producer*> producer{nullptr};
  std::atomic<bool> is_taken{false};
};

// More than handlers run at once in a process.
constinit SignalSlot g_slots[4];
constinit std::atomic<bool> g_wanted{false};
[[gnu::tls_model("initial-exec")]] constinit thread_local int t_depth = 0;
// A producer without a ring, for calls that are to be lost. Never written.
constinit Producer g_no_ring{};

// acquire, release: what the last user of the slot stored is visible to the next one
bool take(SignalSlot& slot) { return !slot.is_taken.exchange(true, std::memory_order_acquire); }
void give_back(SignalSlot& slot) { slot.is_taken.store(false, std::memory_order_release); }

}  // namespace

SignalScope::SignalScope() {
  Producer* producer = &g_no_ring;
  for (std::size_t i = 0; i < std::size(g_slots) && slot_ == kNone; ++i) {
    // acquire: pairs with prepare()
    Producer* const made = g_slots[i].producer.load(std::memory_order_acquire);
    if (made == nullptr || !take(g_slots[i])) continue;
    slot_ = static_cast<int>(i);
    producer = made;
  }
  t_depth = t_depth + 1;
  interrupted_ = std::exchange(t_producer, producer);
}

SignalScope::~SignalScope() {
  t_producer = interrupted_;
  t_depth = t_depth - 1;
  if (slot_ != kNone) give_back(g_slots[slot_]);
}

bool SignalScope::is_here() { return t_depth > 0; }

Producer* SignalScope::lose(std::uint32_t client) {
  // acquire: pairs with the engine's release when it installs the set
  RingSet* const rings = g_ring_set.load(std::memory_order_acquire);
  // A forked child shares the counts of its parent.
  if (rings != nullptr && rings->belongs_to_this_process()) rings->count_unattached(client);
  return nullptr;
}

bool SignalScope::want() {
  g_wanted.store(true, std::memory_order_relaxed);  // relaxed: a switch
  return true;
}

void SignalScope::prepare(RingSet& rings) {
  if (!g_wanted.load(std::memory_order_relaxed)) return;  // relaxed: a switch
  for (SignalSlot& slot : g_slots) {
    if (!take(slot)) continue;
    // relaxed: only this function stores it, on a slot that it has taken
    Producer* const page = slot.producer.load(std::memory_order_relaxed);
    // Without a ring in a forked child, and after the end of an engine.
    if (page == nullptr || !page->writer.is_attached()) {
      Producer* const made = claim_for_nobody(rings, page);
      // release: pairs with the constructor
      if (made != nullptr) slot.producer.store(made, std::memory_order_release);
    }
    give_back(slot);
  }
}

}  // namespace metlog
