#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

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
    std::uint64_t bytes = 0;  // of both
    LossCounts reported;      // losses in these
  };

  /// Adds a batch of which nothing remains.
  void add(const Batch& batch) {
    add(sent_, batch.sent_count());
    add(marks_, batch.engine_sent_count());
    add(bytes_, sent_bytes(batch));
    for (std::size_t i = 0; i < kLossReasonCount; ++i) add(lost_[i], batch.lost().by_reason[i]);
    for (const Batch::NoticeOutcome& outcome : batch.notices()) {
      const Notice& notice = outcome.notice;
      if (outcome.is_lost || notice.kind != Notice::Kind::kLoss) continue;
      add(reported_[static_cast<std::size_t>(notice.reason)], notice.count);
    }
    const std::lock_guard lock(mutex_);
    progress_.settled += batch.count();
    progress_.lost += batch.count() - batch.sent_count() - batch.engine_sent_count();
  }
  /// How far the queue's stream is, messages of the engine included.
  struct Progress {
    std::uint64_t numbered = 0;  // messages that were offered
    std::uint64_t settled = 0;  // of these: sent or lost. The first ones, unless a sender holds any
    std::uint64_t lost = 0;     // of the settled ones
  };
  /// Returns it when so many messages were offered; `settled` and `lost` are of one moment. Any
  /// thread.
  [[nodiscard]] Progress progress(std::uint64_t numbered) const {
    const std::lock_guard lock(mutex_);
    return {numbered, progress_.settled, progress_.lost};
  }
  /// A caller that needs them settled calls SendQueue::done_number() first.
  [[nodiscard]] Counts read() const {
    Counts counts;
    // relaxed, all: counters
    counts.sent = sent_.load(std::memory_order_relaxed);
    counts.marks = marks_.load(std::memory_order_relaxed);
    counts.bytes = bytes_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      counts.lost.by_reason[i] = lost_[i].load(std::memory_order_relaxed);
      counts.reported.by_reason[i] = reported_[i].load(std::memory_order_relaxed);
    }
    return counts;
  }

 private:
  /// The bytes of all messages that were taken, newlines included.
  static std::uint64_t sent_bytes(const Batch& batch) {
    std::uint64_t bytes = 0;
    if (batch.count() != 0) bytes = batch.entry_at(batch.count() - 1).end;
    for (std::size_t i = batch.first_lost(); i < batch.count(); ++i) {
      if (batch.entry_at(i).result == Batch::Result::kLost) {
        bytes -= batch.message_at(i).size() + 1;
      }
    }
    return bytes;
  }
  static void add(std::atomic<std::uint64_t>& count, std::uint64_t more) {
    // relaxed: only the sender side stores these counters, and the queue's done number publishes
    // them
    if (more != 0)
      count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> lost_[kLossReasonCount]{};
  std::atomic<std::uint64_t> marks_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> reported_[kLossReasonCount]{};
  mutable std::mutex mutex_;
  Progress progress_;  // without `numbered`
};

}  // namespace metlog
