#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "tools/router/client_losses.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame.h"
#include "tools/router/input/frame_ledger.h"
#include "tools/router/input/input.h"
#include "tools/router/match/tag_rules.h"
#include "tools/router/refused_input.h"
#include "tools/router/reject_log.h"
#include "tools/router/router_ledger.h"
#include "tools/router/session_table.h"

namespace metlog {

/// What a router takes in: it counts the messages that are accepted, gives them their tags, and
/// counts and keeps what is rejected, by the input that is being read. Used by one thread.
class Intake {
 public:
  /// `tag_rules` are those by which messages get tags; none when null. `sequences` outlives it.
  Intake(DeadLetterFile::Options refused, std::shared_ptr<const TagRules> tag_rules,
         const SequenceTable& sequences)
      : tag_rules_(std::move(tag_rules)), refused_(std::move(refused)), sessions_(sequences) {}

  absl::Status start() { return refused_.start(); }
  void set_tag_rules(std::shared_ptr<const TagRules> rules) { tag_rules_ = std::move(rules); }

  /// Says where the frames come from that follow.
  void begin(const Input& input) {
    input_ = &input;
    if (tag_rules_ != nullptr) input_tags_ = tag_rules_->bits_of(input.tags());
  }
  /// `is_plain`: the message came in a frame of its own.
  void accept(DecodedMessage& message, bool is_plain) {
    ++accepted_;
    if (is_plain) sessions_.note_plain(message);
    if (message.is_engine_message()) note_engine_message(message);
    if (message.repairs.any()) [[unlikely]]
      message.repairs.count_in(repaired_);
    message.tags = tag_rules_ == nullptr ? 0 : tag_rules_->tags_of(message, input_tags_);
  }
  void reject(RejectReason reason, const MessageBytes& bytes);
  /// A batched frame that was rejected as a whole; its reader has counted it.
  void reject(FrameDamage damage, const Frame& frame);
  /// Hands over what a round with frames has rejected.
  void end_round() { refused_.end_round(); }

  /// Ends the file of what was rejected, in two steps; see RefusedInput.
  void begin_close() { refused_.begin_close(); }
  void close(std::chrono::nanoseconds limit) { refused_.close(limit); }

  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  void add_to(RouterLedger& ledger) const;

 private:
  void note_engine_message(const DecodedMessage& message);

  const Input* input_ = nullptr;               // that is being read
  std::shared_ptr<const TagRules> tag_rules_;  // null for none
  std::uint64_t input_tags_ = 0;
  RefusedInput refused_;
  RejectLog reject_log_;
  ClientLosses client_losses_;
  SessionTable sessions_;
  std::uint64_t accepted_ = 0;
  std::uint64_t engine_messages_ = 0;
  std::array<std::uint64_t, kRejectReasonCount> rejected_{};
  std::array<std::uint64_t, kRepairCount> repaired_{};
};

}  // namespace metlog
