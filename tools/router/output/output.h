#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/flush/send_queue.h"
#include "metlog/loss.h"
#include "tools/router/output/matcher.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// What became of the messages that were accepted, at one output:
/// accepted = not_matched + routed;  routed = written + lost + queue_full + pending.
struct OutputLedger {
  std::string url;
  std::uint64_t not_matched = 0;
  std::uint64_t routed = 0;
  std::uint64_t written = 0;
  LossCounts lost;               // by the sender
  std::uint64_t queue_full = 0;  // lost before it, because all batches were on their way
  std::uint64_t pending = 0;     // in batches not yet sent; exact while the output is quiet

  [[nodiscard]] std::uint64_t lost_total() const { return lost.total() + queue_full; }
};

/// What an output does when its destination is behind and all its batches are on their way.
enum class OnFull {
  kWait,  // ask the router to read no input for a while; then as kDrop
  kDrop,  // lose the message, counted as queue_full
};

/// Matcher, encoder and a lane of batches to one sender. Filled by one thread.
class Output {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Options {
    Matcher::Options match;
    OnFull on_full = OnFull::kWait;
    /// How long kWait may hold the inputs at a stretch.
    std::chrono::nanoseconds hold_limit = std::chrono::seconds(30);
    /// At least two batches. A message longer than a batch, and with kWait what an input had
    /// received already, make one grow.
    SendQueue::Options lane = {.batch_bytes = 256 * 1024, .batch_count = 16};
  };

  Output(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
         const Options& options);

  /// Lets an own thread send. Without it all is sent by close().
  void start() { lane_.start(); }
  /// Writes the message into the batch, or counts why not. False when the output waits for room,
  /// so that the router should stop reading soon; what it was still given is taken all the same.
  bool take(const DecodedMessage& message);
  /// The end of a round: what was taken is handed over, unless the lane is busy with earlier
  /// batches; then it gathers until that is done or the batch is full. True when all is handed
  /// over.
  bool end_round();
  /// True when the router should not read its inputs now, for the sake of this output.
  bool backpressures_inputs(TimePoint now);
  /// Hands over the rest and waits until all is sent, or the limit is over.
  void close(std::chrono::nanoseconds limit);

  [[nodiscard]] OutputLedger ledger() const;

 private:
  struct Offered {
    std::uint64_t number;
    std::uint64_t count;
  };
  enum class Pause { kNone, kPaused, kGivenUp };

  bool has_room();
  [[nodiscard]] bool drops() const {
    return on_full_ == OnFull::kDrop || pause_ == Pause::kGivenUp;
  }
  bool turn_over();
  void offer_current();

  const Matcher matcher_;
  const std::unique_ptr<MessageEncoder> encoder_;
  const OnFull on_full_;
  const std::chrono::nanoseconds hold_limit_;
  SendQueue lane_;
  Batch* current_;  // never null before close()
  Pause pause_ = Pause::kNone;
  TimePoint paused_since_;
  std::vector<Offered> offered_;  // no more than there are batches, once has_room() tidied it
  std::uint64_t not_matched_ = 0;
  std::uint64_t routed_ = 0;
  std::uint64_t queue_full_ = 0;
};

}  // namespace metlog
