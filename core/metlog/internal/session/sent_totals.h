#pragma once

#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/loss.h"

namespace metlog {

/// What became of messages that are done with: counts in memory that another process reads after
/// our death.
struct SentTotals {
  std::uint64_t number = 0;  // of the last thing that is counted; its owner says what that is
  std::uint64_t sent = 0;    // messages of calls, as in `lost`
  LossCounts lost;
  LossCounts reported;  // losses in messages of the engine that were sent

  void add(const SentTotals& more) {
    sent += more.sent;
    lost += more.lost;
    reported += more.reported;
  }
};

/// Totals that change as a whole: a process that dies while it stores them leaves the old or the
/// new ones. Zeroed memory is totals of nothing. One thread at a time stores.
struct SentTotalsPair {
  SentTotals copies[2];
  PlainAtomic<std::uint64_t> current;  // which of them

  [[nodiscard]] const SentTotals& get() const {
    return copies[current.load(Order::kRelaxed) & 1];  // relaxed: own store, or the process is dead
  }
  void set(const SentTotals& totals) {
    const std::uint64_t other = (current.load(Order::kRelaxed) & 1) ^ 1;  // relaxed: own store
    copies[other] = totals;
    // release: pairs with a process that reads the file after our death
    current.store(other, Order::kRelease);
  }
};
static_assert(sizeof(SentTotals) == 208 && sizeof(SentTotalsPair) == 424);

}  // namespace metlog
