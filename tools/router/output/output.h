#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/flush/send_queue.h"
#include "metlog/loss.h"
#include "tools/router/output/matcher.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// What became of the accepted messages at one output:
///   accepted = not_matched + routed
///   routed   = written + lost + pending
struct OutputLedger {
  std::string url;
  std::uint64_t not_matched = 0;
  std::uint64_t routed = 0;
  std::uint64_t written = 0;
  LossCounts lost;            // by the sender; before it as kQueueFull and kFormatterFailed
  std::uint64_t pending = 0;  // in batches not yet sent; exact while the output is quiet
};

/// What an output does when its sender is slow and all its batches are queued.
enum class OnFull {
  kWait,  // ask the router to pause its inputs; after backpressure_limit as kDrop
  kDrop,  // lose the message and count it as kQueueFull
};

/// A matcher, an encoder and a queue of batches to one sender. Filled by one thread.
class Output {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Options {
    Matcher::Options match;
    OnFull on_full = OnFull::kWait;
    /// How long kWait may pause the inputs without a break.
    std::chrono::nanoseconds backpressure_limit = std::chrono::seconds(30);
    /// At least two batches. A batch grows for a longer message and, with kWait, for what an input
    /// had already received when it was paused.
    SendQueue::Options queue = {.batch_bytes = 256 * 1024, .batch_count = 16};
  };

  Output(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
         const Options& options);

  /// Starts the thread that sends. Without it close() sends everything.
  absl::Status start() { return queue_.start(); }
  /// Encodes the message into the batch, or counts why not. Returns false when the output waits for
  /// room: the router should stop reading soon, but may pass what it has already received.
  bool take(const DecodedMessage& message);
  /// Ends a round: offers the batch to the sender unless that is busy with earlier ones; then the
  /// batch fills up until the sender is done or the batch is full. True when all was offered.
  bool end_round();
  /// True when the router should not read its inputs now, because this output has no room.
  bool backpressures_inputs(TimePoint now);
  /// Offers the rest and waits until all is sent, for `limit` at most.
  void close(std::chrono::nanoseconds limit);

  [[nodiscard]] OutputLedger ledger() const;

 private:
  struct Offered {
    std::uint64_t number;
    std::uint64_t count;
  };
  enum class Backpressure { kOff, kOn, kTimedOut };

  bool has_room();
  [[nodiscard]] bool drops() const {
    return on_full_ == OnFull::kDrop || backpressure_ == Backpressure::kTimedOut;
  }
  bool turn_over();
  void offer_current();

  const Matcher matcher_;
  const std::unique_ptr<MessageEncoder> encoder_;
  const OnFull on_full_;
  const std::chrono::nanoseconds backpressure_limit_;
  SendQueue queue_;
  Batch* current_;  // never null before close()
  Backpressure backpressure_ = Backpressure::kOff;
  TimePoint backpressure_since_;
  std::vector<Offered>
      offered_;  // at most one for each batch; offer_current() removes those that are done
  std::uint64_t not_matched_ = 0;
  std::uint64_t routed_ = 0;
  std::uint64_t queue_full_ = 0;
  std::uint64_t without_form_ = 0;  // in the encoder's format
};

}  // namespace metlog
