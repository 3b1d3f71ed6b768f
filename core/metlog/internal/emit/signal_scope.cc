#include "metlog/internal/emit/signal_scope.h"

#include <signal.h>
#include <unwind.h>

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

// True if the taken slot has a ring, or gets a spare one now: for ordinary calls, as no process
// that has none of ours in its handlers should keep rings for them.
bool has_ring(SignalSlot& slot) {
  // acquire: pairs with prepare()
  Producer* page = slot.producer.load(std::memory_order_acquire);
  if (page != nullptr && page->writer.is_attached()) return true;
  // acquire: pairs with the engine's release when it installs the set
  RingSet* const rings = g_ring_set.load(std::memory_order_acquire);
  if (rings == nullptr || !rings->belongs_to_this_process()) return false;
  page = claim_in_handler(*rings, page);
  // release: pairs with the load above
  slot.producer.store(page, std::memory_order_release);
  return page != nullptr && page->writer.is_attached();
}

_Unwind_Reason_Code look_for_handler(_Unwind_Context* frame, void* found) {
  int is_interrupted = 0;
  (void)_Unwind_GetIPInfo(frame, &is_interrupted);
  if (is_interrupted == 0) return _URC_NO_REASON;
  *static_cast<bool*>(found) = true;
  return _URC_END_OF_STACK;
}

}  // namespace

SignalScope::SignalScope() {
  Producer* producer = &g_no_ring;
  for (std::size_t i = 0; i < std::size(g_slots) && slot_ == kNone; ++i) {
    if (!take(g_slots[i])) continue;
    if (has_ring(g_slots[i])) {
      slot_ = static_cast<int>(i);
      producer = g_slots[i].producer.load(std::memory_order_relaxed);  // relaxed: see has_ring()
    } else {
      give_back(g_slots[i]);
    }
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

bool SignalScope::may_be_in_handler() {
  sigset_t blocked;
  if (pthread_sigmask(SIG_BLOCK, nullptr, &blocked) != 0) return true;
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    if (sigismember(&blocked, signal) == 1) return true;
  }
  bool is_found = false;  // a handler may block none: SA_NODEFER
  _Unwind_Backtrace(&look_for_handler, &is_found);
  return is_found;
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
