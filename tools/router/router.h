#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/base/sleep_time.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/decode/message_block.h"
#include "tools/router/input/frame_reader.h"
#include "tools/router/input/input.h"
#include "tools/router/intake.h"
#include "tools/router/live_table.h"
#include "tools/router/match/tag_rules.h"
#include "tools/router/output/output.h"
#include "tools/router/retired_parts.h"
#include "tools/router/router_ledger.h"

namespace metlog {

/// Receives frames from inputs, decodes their messages and passes them to outputs:
///
///   add_input(), add_output(), start();   while (...) step(wait);   close(limit);   ledger()
///
/// The calling thread receives, decodes and matches, into blocks of messages; each output has a
/// thread that encodes and sends what it takes of them. Used by one thread.
class Router final : private FrameSink {
 public:
  struct Options {
    DecoderLimits limits;
    /// The router stops receiving after this many messages, rejected ones included. It takes whole
    /// what one system call has received, so some more when frames are batched.
    std::uint64_t message_limit = std::numeric_limits<std::uint64_t>::max();
    /// Keeps what is rejected; nothing is kept without a path.
    DeadLetterFile::Options refused_input = {};
    /// The rules by which messages get tags; none when null.
    std::shared_ptr<const TagRules> tag_rules = nullptr;
  };

  explicit Router(const Options& options);

  void add_input(std::unique_ptr<Input> input) { inputs_.push_back(std::move(input)); }
  /// Adds an output, one of at most Output::kMaxOutputs.
  void add_output(std::unique_ptr<Output> output);
  /// Starts the outputs' threads, kResourceExhausted if the system refuses one. Without, rounds do.
  absl::Status start();

  /// Parts of a running router that others replace.
  struct Exchange {
    std::vector<const Input*> old_inputs;
    std::vector<const Output*> old_outputs;
    std::vector<std::unique_ptr<Input>> inputs;
    std::vector<std::unique_ptr<Output>> outputs;
    std::shared_ptr<const TagRules> tag_rules;  // of all inputs and outputs, those that stay too
  };
  /// Exchanges parts between two rounds: a message is routed by the old outputs or by the new ones.
  /// What has arrived at an old input is still received; an old output sends what it has taken, for
  /// `limit` at most. Both stay in the ledger. kResourceExhausted, and no change, without a thread.
  absl::Status exchange(Exchange parts, std::chrono::nanoseconds limit);

  /// Waits for input, and after a round with frames for as long as the inputs have room, so that
  /// this round has more to do; for `max_wait` at most. Then runs a round: receives some frames,
  /// unless an output holds the inputs, and hands them over. True when a frame was received.
  bool step(std::chrono::milliseconds max_wait);

  /// Receives what has already arrived, for up to half of `limit`, then closes all outputs at once
  /// within the rest of it. Afterwards only ledger() and has_ended() may be called.
  void close(std::chrono::nanoseconds limit);
  /// False when an output's thread is in its sender, for which the destructor waits. After close().
  [[nodiscard]] bool has_ended() const;

  [[nodiscard]] RouterLedger ledger() const;
  /// The number of frames received so far, whatever became of them.
  [[nodiscard]] std::uint64_t frame_count() const { return frame_count_; }
  /// The number of messages in these frames.
  [[nodiscard]] std::uint64_t message_count() const { return reader_.counts().messages(); }
  [[nodiscard]] const std::vector<std::unique_ptr<Input>>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Output>>& outputs() const { return outputs_; }
  /// Counts for the ledger that a new configuration was taken, or refused.
  void count_reload(bool is_taken) { ++(is_taken ? reloads_ : refused_reloads_); }
  [[nodiscard]] LiveTable& table() { return table_; }

 private:
  bool take(const Frame& frame) override;
  [[nodiscard]] bool needs_padding() const override { return false; }  // blocks have it
  bool route(const MessageBytes& bytes);
  bool hand_over();
  [[nodiscard]] bool is_paused();
  std::size_t read_inputs(bool paused);
  std::size_t read_input(Input& input);
  void finish(Input& input);
  void wait_and_rest(std::chrono::nanoseconds max_wait);
  [[nodiscard]] std::chrono::nanoseconds rest_after(std::chrono::nanoseconds passed);
  void drain_inputs(std::chrono::steady_clock::time_point until);

  const std::uint64_t message_limit_;
  FrameReader reader_;
  Decoder decoder_;
  const std::size_t max_message_bytes_;
  const std::shared_ptr<BlockPool> blocks_ = BlockPool::make();
  std::shared_ptr<MessageBlock> block_;  // that is being filled; null before the first message
  std::uint32_t handed_over_ = 0;        // of its messages
  std::vector<std::unique_ptr<Input>> inputs_;
  std::vector<std::unique_ptr<Output>> outputs_;
  std::vector<std::uint64_t> accepted_before_;  // each of outputs_ was there
  Intake intake_;
  RetiredParts retired_;
  bool is_started_ = false;
  LiveTable table_;
  std::optional<SleepTime> rest_time_;                 // never empty
  std::chrono::steady_clock::time_point last_round_;   // its begin
  std::chrono::steady_clock::time_point last_frames_;  // begin of the last round with frames
  std::chrono::nanoseconds rest_{};                    // from last_frames_ to the next round
  std::vector<int> quiet_fds_;                         // of datagrams, none in the last round
  bool goes_on_ = false;                               // frames come too fast for a rest
  bool has_more_ = false;                              // a limit ended an input's turn
  std::uint64_t frame_count_ = 0;
  std::uint64_t round_end_ = 0;  // the message_count() that ends the current input's turn
  std::uint64_t reloads_ = 0;
  std::uint64_t refused_reloads_ = 0;
};

}  // namespace metlog
