#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/flush/unreported_losses.h"
#include "metlog/internal/session/client_accounts.h"
#include "metlog/ledger.h"
#include "metlog/loss.h"

namespace metlog {

/// What the flusher itself counts of a destination: messages that it drained and did not encode.
/// They are in the client's account as well, for another process after our death. Stored by the
/// flusher; read by any thread.
class FlusherCounts {
 public:
  /// Keeps the account, too, from now on.
  void count_in(ClientAccount* account) { account_ = account; }

  void add_lost(LossReason reason, std::uint64_t count) {
    lost_[static_cast<std::size_t>(reason)].add_by_owner(count);
    if (account_ != nullptr) account_->lost[static_cast<std::size_t>(reason)].add_by_owner(count);
  }
  void add_filtered(std::uint64_t count = 1) {
    filtered_.add_by_owner(count);
    if (account_ != nullptr) account_->filtered.add_by_owner(count);
  }
  [[nodiscard]] LossCounts lost() const {
    LossCounts read;
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      // relaxed: counts, which a thread that has seen drained_round() sees up to there
      read.by_reason[i] = lost_[i].load(Order::kRelaxed);
    }
    return read;
  }
  [[nodiscard]] std::uint64_t filtered() const {
    return filtered_.load(Order::kRelaxed);  // relaxed: as above
  }

  /// Stores in the account when the unreported losses were, after a round.
  void note_times(const UnreportedLosses& unreported) {
    const bool has_losses = unreported.has_losses();
    if (account_ == nullptr || (!has_losses && !has_noted_times_)) return;
    has_noted_times_ = has_losses;
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      const Notice& notice = unreported.losses()[i];
      // relaxed, both: for humans
      account_->first_ns[i].store(notice.count != 0 ? notice.first_ns : 0, Order::kRelaxed);
      account_->last_ns[i].store(notice.count != 0 ? notice.last_ns : 0, Order::kRelaxed);
    }
  }
  /// Adds the totals of earlier destinations to the account; `stream` is the first of this one.
  void retire(const SentTotals& totals, std::uint32_t stream) {
    if (account_ == nullptr) return;
    SentTotals retired = account_->retired.get();
    retired.add(totals);
    retired.number = std::uint64_t{stream} + 1;
    account_->retired.set(retired);
  }
  /// Begins when the client has made calls: those in `past` were not for this destination, and
  /// `reported` losses were reported before. The account begins to count for another process, too;
  /// `stream` is the first of this destination.
  void begin_later(const Ledger& past, const LossCounts& reported, std::uint32_t stream) {
    add_filtered(past.sent + past.pending + past.lost.total() + past.filtered);
    retire({0, 0, {}, reported}, stream);
    // release: pairs with a process that reads the file after our death
    if (account_ != nullptr)
      account_->stream_begin.store(std::uint64_t{stream} + 1, Order::kRelease);
  }

 private:
  PlainAtomic<std::uint64_t> lost_[kLossReasonCount] = {};
  PlainAtomic<std::uint64_t> filtered_{0};
  ClientAccount* account_ = nullptr;
  bool has_noted_times_ = false;
};

}  // namespace metlog
