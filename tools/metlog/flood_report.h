#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "metlog/ledger.h"
#include "tools/metlog/flood.h"

namespace metlog {

/// What became of a flood.
struct FloodSummary {
  Ledger ledger;
  bool confirmed = false;
  double seconds = 0;        // from the first call to the last
  double total_seconds = 0;  // until the destination had everything
  /// Calls that the threads made, by their own count; empty when one of them was still inside a
  /// call when the client was closed.
  std::optional<std::uint64_t> calls;

  /// Messages that have no account; 0 is right.
  [[nodiscard]] std::uint64_t unexplained() const;
  [[nodiscard]] double emitted_per_second() const;
  [[nodiscard]] double sent_per_second() const;
  /// False when fewer than 99 % of what --rate asks for was emitted.
  [[nodiscard]] bool held_rate(const FloodOptions& options) const;
};

/// For a human, several lines.
std::string to_text(const FloodSummary& summary, const FloodOptions& options);

/// One JSON object, on one line with a newline behind it.
std::string to_json(const FloodSummary& summary, const FloodOptions& options);

}  // namespace metlog
