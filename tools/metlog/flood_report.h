#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "metlog/ledger.h"
#include "tools/console/terminal.h"
#include "tools/metlog/flood.h"

namespace metlog {

/// The result of a flood.
struct FloodSummary {
  Ledger ledger;
  Receipt receipt;
  double seconds = 0;        // from the first call to the last
  double total_seconds = 0;  // until the destination had everything
  /// Calls that the threads counted; empty when one of them was still inside a
  /// call when the client was closed.
  std::optional<std::uint64_t> calls;

  /// Messages that are not accounted for; should be 0.
  [[nodiscard]] std::uint64_t unexplained() const;
  [[nodiscard]] double emitted_per_second() const;
  [[nodiscard]] double sent_per_second() const;
  /// False when less than 99 % of --rate was emitted.
  [[nodiscard]] bool held_rate(const FloodOptions& options) const;
};

/// Returns several lines for a person.
std::string to_text(const FloodSummary& summary, const FloodOptions& options);

/// Returns one JSON object on one line that ends in a newline.
std::string to_json(const FloodSummary& summary, const FloodOptions& options);

/// Shows the progress of a flood on stderr: on a terminal a line that rewrites itself, else a line
/// every few seconds; nothing with --quiet. Used by one thread.
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
