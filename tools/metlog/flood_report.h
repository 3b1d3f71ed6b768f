#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "metlog/ledger.h"
#include "tools/console/terminal.h"
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

/// Tells on stderr how far a flood is: a line that rewrites itself on a terminal, else a line every
/// few seconds; nothing with --quiet. Used by one thread.
class FloodProgress {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  FloodProgress(const FloodOptions& options, TimePoint start);

  [[nodiscard]] bool is_due(TimePoint now) const {
    return line_.mode() != ProgressLine::Mode::kQuiet && now >= next_;
  }
  void show(TimePoint now, const Ledger& ledger);

 private:
  [[nodiscard]] double share_done(double seconds, std::uint64_t emitted) const;

  const FloodOptions& options_;
  ProgressLine line_;
  const std::chrono::steady_clock::duration interval_;
  const TimePoint start_;
  TimePoint last_;
  TimePoint next_;
  std::uint64_t emitted_before_ = 0;
};

}  // namespace metlog
