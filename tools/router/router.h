#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "tools/router/decode/decoder.h"
#include "tools/router/input/frame_reader.h"
#include "tools/router/input/input.h"
#include "tools/router/live_table.h"
#include "tools/router/output/output.h"
#include "tools/router/router_ledger.h"

namespace metlog {

/// Inputs -> decoder -> outputs, a round at a time:
///
///   add_input(), add_output(), start();   while (...) step(wait);   close(limit);   ledger()
///
/// Everything but the outputs' sending happens in the thread that calls. Used by one thread.
class Router final : private FrameSink {
 public:
  struct Options {
    DecoderLimits limits;
    /// No frame is received after so many messages, the rejected ones counted. Frames are taken
    /// whole, and those of a burst of datagrams that was received already are taken too: with
    /// batched frames there may be some messages more.
    std::uint64_t message_limit = std::numeric_limits<std::uint64_t>::max();
  };

  explicit Router(const Options& options);

  void add_input(std::unique_ptr<Input> input) { inputs_.push_back(std::move(input)); }
  void add_output(std::unique_ptr<Output> output) { outputs_.push_back(std::move(output)); }
  /// Lets every output send in a thread of its own; tests do without.
  void start();

  /// One round: receives what is there (a bounded number of frames), and routes it. With nothing
  /// there waits for input, `longest_wait` at most; zero never waits. Reads no input while an
  /// output holds them. True when a frame was received.
  bool step(std::chrono::milliseconds longest_wait);

  /// Receives what has arrived already, for half of `limit` at most, then closes each output with
  /// what is left of it. After that the router is only good for its ledger.
  void close(std::chrono::nanoseconds limit);

  [[nodiscard]] RouterLedger ledger() const;
  /// Frames received so far, whatever became of them.
  [[nodiscard]] std::uint64_t frame_count() const { return frame_count_; }
  /// Messages in them.
  [[nodiscard]] std::uint64_t message_count() const { return reader_.counts().messages(); }
  [[nodiscard]] const std::vector<std::unique_ptr<Input>>& inputs() const { return inputs_; }
  [[nodiscard]] LiveTable& table() { return table_; }

 private:
  bool take(const Frame& frame) override;
  bool route(const MessageBytes& bytes);
  [[nodiscard]] bool is_paused();
  std::size_t read_inputs(bool paused);
  void drain_inputs(std::chrono::steady_clock::time_point until);

  const std::uint64_t message_limit_;
  FrameReader reader_;
  Decoder decoder_;
  DecodedMessage message_;
  std::vector<std::unique_ptr<Input>> inputs_;
  std::vector<std::unique_ptr<Output>> outputs_;
  LiveTable table_;
  std::uint64_t frame_count_ = 0;
  std::uint64_t round_end_ = 0;  // message_count() at which the input's turn is over
  std::uint64_t accepted_ = 0;
  std::uint64_t engine_messages_ = 0;
  std::array<std::uint64_t, kRejectReasonCount> rejected_{};
};

}  // namespace metlog
