#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "metlog/loss.h"
#include "metlog/sender.h"

namespace metlog {

/// What became of the messages of a queue: counted by its sender side, read by any thread.
class QueueCounts {
 public:
  /// Since the queue was made.
  struct Counts {
    std::uint64_t sent = 0;  // user messages, as is `lost`
    LossCounts lost;
    std::uint64_t marks = 0;  // messages of the engine that were taken
    LossCounts reported;      // losses in these
  };

  /// Adds a batch of which nothing remains.
  void add(const Batch& batch) {
    add(sent_, batch.sent_count());
    add(marks_, batch.engine_sent_count());
    for (std::size_t i = 0; i < kLossReasonCount; ++i) add(lost_[i], batch.lost().by_reason[i]);
    for (const Batch::NoticeOutcome& outcome : batch.notices()) {
      const Notice& notice = outcome.notice;
      if (outcome.is_lost || notice.kind != Notice::Kind::kLoss) continue;
      add(reported_[static_cast<std::size_t>(notice.reason)], notice.count);
    }
  }
  /// A caller that needs them settled calls SendQueue::done_number() first.
  [[nodiscard]] Counts read() const {
    Counts counts;
    // relaxed, all: counters
    counts.sent = sent_.load(std::memory_order_relaxed);
    counts.marks = marks_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      counts.lost.by_reason[i] = lost_[i].load(std::memory_order_relaxed);
      counts.reported.by_reason[i] = reported_[i].load(std::memory_order_relaxed);
    }
    return counts;
  }

 private:
  static void add(std::atomic<std::uint64_t>& count, std::uint64_t more) {
    // relaxed: only the sender side stores these counters, and the queue's done number publishes
    // them
    if (more != 0)
      count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> lost_[kLossReasonCount]{};
  std::atomic<std::uint64_t> marks_{0};
  std::atomic<std::uint64_t> reported_[kLossReasonCount]{};
};

}  // namespace metlog
