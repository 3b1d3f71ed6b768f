#pragma once

#include <cstdint>
#include <string>

#include "metlog/loss.h"

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

}  // namespace metlog
