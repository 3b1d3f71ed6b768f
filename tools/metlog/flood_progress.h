#pragma once

#include <chrono>
#include <cstdint>

#include "metlog/ledger.h"
#include "tools/metlog/flood.h"

namespace metlog {

/// Tells on stderr how far a flood is: a line that rewrites itself on a terminal, else a line every
/// few seconds; nothing with --quiet. Used by one thread.
class FloodProgress {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  FloodProgress(const FloodOptions& options, TimePoint start);
  /// Takes the rewritten line away, so that what follows begins on a clean one.
  ~FloodProgress();
  FloodProgress(const FloodProgress&) = delete;
  FloodProgress& operator=(const FloodProgress&) = delete;

  [[nodiscard]] bool is_due(TimePoint now) const { return mode_ != Mode::kQuiet && now >= next_; }
  void show(TimePoint now, const Ledger& ledger);

 private:
  enum class Mode { kQuiet, kLines, kOneLine };

  [[nodiscard]] double share_done(double seconds, std::uint64_t emitted) const;

  const FloodOptions& options_;
  const Mode mode_;
  const std::chrono::steady_clock::duration interval_;
  const TimePoint start_;
  TimePoint last_;
  TimePoint next_;
  std::uint64_t emitted_before_ = 0;
};

}  // namespace metlog
