#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame_ledger.h"
#include "tools/router/input/input.h"
#include "tools/router/output/output.h"

namespace metlog {

struct InputLedger {
  std::string endpoint;
  InputCounts counts;
};

/// The router's account. Inputs, frame reader, decoder and outputs count for themselves, so that
///   received frames = plain + batched + damaged
///   messages in them = accepted + rejected, and for each output what OutputLedger says
/// can fail. What the kernel dropped, what is missing between batched frames and what a damaged
/// one held was never received as messages, and stands beside it.
struct RouterLedger {
  std::vector<InputLedger> inputs;
  FrameCounts frames;
  SequenceCounts sequence;
  std::vector<SequenceLane> worst_lanes;
  std::uint64_t accepted = 0;
  std::uint64_t engine_messages = 0;  // among the accepted: metlog.loss and metlog.stats
  std::array<std::uint64_t, kRejectReasonCount> rejected{};
  std::vector<OutputLedger> outputs;

  /// As the inputs count them.
  [[nodiscard]] std::uint64_t received_frames() const;
  [[nodiscard]] std::uint64_t messages() const { return frames.messages(); }
  [[nodiscard]] std::uint64_t kernel_drops() const;
  [[nodiscard]] std::uint64_t handshakes() const;
  [[nodiscard]] std::uint64_t rejected_total() const;
  [[nodiscard]] std::uint64_t lost_total() const;  // over all outputs
  /// Frames and messages that the identity misses or has too many, summed over its lines so that
  /// two errors cannot cancel out; 0 is right. Exact once the router is closed or its outputs are
  /// quiet.
  [[nodiscard]] std::uint64_t unexplained() const;
};

/// For a human: one line a fact, those that are zero left out where they say nothing.
std::string to_text(const RouterLedger& ledger);

/// One JSON object, on one line with a newline behind it.
std::string to_json(const RouterLedger& ledger);

}  // namespace metlog
