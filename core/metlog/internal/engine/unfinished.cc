#include "metlog/internal/engine/unfinished.h"

#include <chrono>
#include <optional>

#include "metlog/internal/flush/flusher_clients.h"

namespace metlog {

void UnfinishedClients::add(std::uint32_t slot, What what) {
  // acq_rel: pairs with finish()
  const What before = slots_[slot].exchange(what, std::memory_order_acq_rel);
  // relaxed: a hint, which finish() looks at again in the next round
  if (before == What::kNothing) count_.fetch_add(1, std::memory_order_relaxed);
}

void UnfinishedClients::finish(Flusher& flusher,
                               const std::function<void(std::uint32_t)>& give_back) {
  // relaxed: see add(). Inside a filter, step() has done nothing.
  if (count_.load(std::memory_order_relaxed) == 0 || FlusherThread::is_here()) return;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    What what = slots_[slot].load(std::memory_order_acquire);  // acquire: pairs with add()
    if (what == What::kNothing) continue;
    Flusher::Clients clients(flusher);
    const auto now = std::chrono::steady_clock::now();
    auto remains = what == What::kDiscard ? clients.discard(slot, now) : clients.settle(slot, now);
    if (!remains.has_value()) continue;
    // Destructors of the program's filters and senders run here and must not wait for this thread.
    const FlusherThread here;
    remains.reset();
    // acq_rel: pairs with add()
    if (!slots_[slot].compare_exchange_strong(what, What::kNothing, std::memory_order_acq_rel)) {
      continue;
    }
    count_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: see add()
    if (what == What::kDiscard) give_back(slot);
  }
}

std::string text_of(const Flusher::Blocker& blocker,
                    const std::function<std::string(std::uint32_t)>& logger_of) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(blocker.since).count();
  const std::string what =
      blocker.callbacks_of.has_value()
          ? "a filter or formatter of the client '" + logger_of(*blocker.callbacks_of) + "' runs"
          : std::string("the flusher works or allocates memory");
  return what + ", in a round that began " + std::to_string(ms) + " ms ago";
}

}  // namespace metlog
