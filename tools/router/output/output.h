#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "metlog/internal/flush/send_queue.h"
#include "metlog/loss.h"
#include "tools/router/output/delivery_log.h"
#include "tools/router/output/matcher.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/output/metric_source.h"
#include "tools/router/output/output_queue.h"

namespace metlog {

/// What became of the accepted messages at one output:
///   accepted = not_there + not_matched + routed
///   routed   = written + lost + pending
///   written  = acknowledged + handed over, which nobody answers
struct OutputLedger {
  std::string name;  // in the configuration; empty without one
  std::string url;
  bool is_removed = false;      // from the configuration, while the router ran
  std::uint64_t not_there = 0;  // accepted while the output was not configured
  std::uint64_t not_matched = 0;
  std::uint64_t routed = 0;
  std::uint64_t written = 0;
  // By the sender; before it as kQueueFull and kFormatterFailed, and at the close as kExpired.
  LossCounts lost;
  std::uint64_t pending = 0;       // not yet sent; exact while the output is quiet
  std::uint64_t acknowledged = 0;  // of the written: the receiver has confirmed them
  DeliveryCounts delivery;
  std::uint64_t queue_bytes = 0;  // of received messages that wait
  std::uint64_t queue_limit_bytes = 0;
  OutputError last_error;
};

/// Adds the counts of another output of the same destination, but for `not_there`.
OutputLedger& operator+=(OutputLedger& sum, const OutputLedger& other);

/// What an output does when its queue is full.
enum class OnFull {
  kWait,        // ask the router to hold its inputs; after backpressure_limit as kDrop
  kDrop,        // lose the messages and count them as kQueueFull
  kDropOldest,  // lose those that wait for longest instead, counted likewise
};

/// What an output does with messages that it cannot deliver now, or at all.
struct DeliverySettings {
  OnFull on_full = OnFull::kDrop;
  /// How long kWait may hold the inputs without a break.
  std::chrono::nanoseconds backpressure_limit = std::chrono::seconds(30);
  /// Of blocks that wait here. A block that waits at several outputs is in memory once.
  std::size_t queue_bytes = 16 * 1024 * 1024;
  /// Of the messages that are lost: refused by the destination, given up, without a form in the
  /// output's format, or not sent by the end. Those that found a full queue are counted only.
  DeadLetterFile::Options dead_letters = {};
  /// The output in the configuration, and in dead letters, which otherwise have its URL.
  std::string name = {};
};

/// A matcher, a queue of slices, an encoder and a sender. The router's thread matches and hands
/// over blocks; the output's thread encodes and sends, so that no output delays another one or the
/// router. Until start() there is no such thread and step() does its work.
class Output final : private BatchSource {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMaxOutputs = 64;  // of a router: the bits of Entry::outputs

  struct Options : DeliverySettings {
    Matcher::Options match;
    /// Shared with a sender that has more to tell; of `name` and `dead_letters` when null.
    std::shared_ptr<DeliveryLog> log = nullptr;
    /// What the sender keeps for others to read; null for nothing.
    std::shared_ptr<const MetricSource> metrics = nullptr;
    /// How long messages wait for others, so that they are sent together; a full batch goes at
    /// once.
    std::chrono::nanoseconds linger{0};
    /// Of what is encoded and not yet sent; two batches or more.
    SendQueue::Options queue = {.batch_bytes = 256 * 1024, .batch_count = 4};
  };

  /// `index` is that of the output in its router, below kMaxOutputs.
  Output(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
         const Options& options);

  /// Starts the thread.
  absl::Status start() { return queue_.start(); }

  // The router's thread.

  /// Says which bit of an entry is this output's; before anything else.
  void set_index(std::size_t index) { bit_ = std::uint64_t{1} << index; }
  [[nodiscard]] std::uint64_t bit() const { return bit_; }
  /// Matches an accepted message: the output's bit when it takes it, else 0.
  std::uint64_t match(const DecodedMessage& message);
  /// Takes the messages that were matched since the last call, which are in this slice, or counts
  /// them as lost. False when the router should stop reading soon, because they had no room.
  bool take(const BlockSlice& slice);
  /// Ends a round: wakes the thread for what was taken, or does its work.
  void end_round();
  /// True when the router should not read its inputs now, because messages that this output takes
  /// have no room.
  bool backpressures_inputs(TimePoint now);
  /// Sends what is there; for an output that was not started. True when there was something.
  bool step() { return queue_.step(); }
  /// Close in two steps, so that all outputs end at once: from the first on the output ends when
  /// all is sent, after `limit` at the latest; the second waits for that, and for the dead letters
  /// of what is lost then. The first may be called again to bring the end forward.
  void begin_close(std::chrono::nanoseconds limit) {
    closes_.store(true, std::memory_order_relaxed);  // relaxed: begin_stop() orders it
    queue_.begin_stop(limit);
  }
  void end_close();
  /// True when end_close() will not wait. After begin_close().
  [[nodiscard]] bool has_ended() const { return queue_.has_ended(); }

  [[nodiscard]] OutputLedger ledger() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::shared_ptr<const MetricSource>& metrics() const { return metrics_; }

 private:
  enum class Backpressure { kOff, kOn, kTimedOut };

  void fill(bool sender_is_idle) override;
  void expire() override;
  void completed(const Batch& batch) override;
  [[nodiscard]] std::chrono::nanoseconds due() const override;
  bool encode_slice(bool sender_is_idle);
  bool begin_batch();
  void offer_batch();
  void note_trouble_of_sender();
  [[nodiscard]] bool drops() const {
    return on_full_ != OnFull::kWait || backpressure_ == Backpressure::kTimedOut;
  }

  // Of both threads.
  OutputQueue waiting_;
  std::atomic<bool> closes_{false};

  // Of the router's thread.
  const std::string name_;
  const std::shared_ptr<const MetricSource> metrics_;
  const Matcher matcher_;
  const OnFull on_full_;
  const std::chrono::nanoseconds backpressure_limit_;
  std::uint64_t bit_ = 1;
  Backpressure backpressure_ = Backpressure::kOff;
  TimePoint backpressure_since_;
  std::uint64_t matched_ = 0;  // since the last take()
  std::size_t unannounced_ = 0;
  std::uint64_t not_matched_ = 0;
  std::uint64_t routed_ = 0;
  std::uint64_t queue_full_ = 0;

  // Of the output's thread.
  const std::unique_ptr<MessageEncoder> encoder_;
  const std::shared_ptr<DeliveryLog> log_;  // its counts are read by others, too
  BlockSlice slice_;                        // in work, from its `begin` on
  Batch* batch_ = nullptr;                  // that is being filled, if any
  const std::chrono::nanoseconds linger_;
  TimePoint batch_since_;  // with linger_

  SendQueue queue_;  // last: its thread uses the rest
};

}  // namespace metlog
