#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "metlog/value.h"
#include "tools/router/client_losses.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame_ledger.h"
#include "tools/router/input/input.h"
#include "tools/router/output/output.h"
#include "tools/router/refused_input.h"
#include "tools/router/session_ledger.h"

namespace metlog {

/// The counts of one input.
struct InputLedger {
  std::string endpoint;
  InputCounts counts;
  bool is_removed = false;  // from the configuration, while the router ran
};

/// The router's account:
///   received frames = plain + batched + damaged
///   messages        = accepted + rejected, and for each output the lines of OutputLedger
/// Inputs, frame reader, decoder and outputs count independently, so a bug anywhere breaks a line.
/// Messages that clients lost, that the kernel dropped, that are missing in the numbers of batched
/// frames or that were in damaged frames were never received and are not part of it.
struct RouterLedger {
  std::vector<InputLedger> inputs;
  FrameCounts frames;
  SequenceCounts sequence;
  std::vector<SequenceStream> worst_streams;
  ClientLossCounts client_losses;
  SessionsLedger sessions;
  std::uint64_t accepted = 0;
  std::uint64_t engine_messages = 0;  // among the accepted: of types metlog.*
  std::array<std::uint64_t, kRejectReasonCount> rejected{};
  std::array<std::uint64_t, kRepairCount> repaired{};  // among the accepted; one may count twice
  RefusedInput::Counts refused_input;  // rejected messages and damaged frames, when a file is given
  std::vector<OutputLedger> outputs;
  std::uint64_t reloads = 0;          // of the configuration, while the router ran
  std::uint64_t refused_reloads = 0;  // of one with a fault, which changed nothing

  /// The sum of the inputs' counts.
  [[nodiscard]] std::uint64_t received_frames() const;
  [[nodiscard]] std::uint64_t messages() const { return frames.messages(); }
  [[nodiscard]] std::uint64_t kernel_drops() const;
  [[nodiscard]] std::uint64_t handshakes() const;
  [[nodiscard]] std::uint64_t rejected_total() const;
  [[nodiscard]] std::uint64_t lost_total() const;  // over all outputs
  /// The sum of the imbalance() of each line; 0 is right, and two errors cannot cancel out. Exact
  /// once the router is closed or its outputs are quiet.
  [[nodiscard]] std::uint64_t unexplained() const;
};

/// A time since 1970, UTC, as messages and ledgers have it.
std::string utc_text(std::int64_t utc_ns);

/// The ledger for a person: one count on each line; most zeros are left out.
std::string to_text(const RouterLedger& ledger);

/// The ledger as a JSON object.
ValueMap to_value(const RouterLedger& ledger);

/// The same on one line, with a newline.
std::string to_json(const RouterLedger& ledger);

}  // namespace metlog
