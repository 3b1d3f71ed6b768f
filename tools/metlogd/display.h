#pragma once

#include <chrono>
#include <cstdio>
#include <string_view>

#include "tools/console/terminal.h"
#include "tools/router/router.h"

namespace metlog {

/// Shows the router's live table every interval, or a line of it where it cannot be redrawn. Uses
/// colours on a terminal only, and not when NO_COLOR is set. Used by one thread.
class Display {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Display(std::FILE* stream, ProgressLine::Mode mode, std::chrono::duration<double> interval);

  /// Shows the table when the interval is over.
  void tick(TimePoint now, Router& router);
  /// Shows the table a last time on a terminal, so that it is complete.
  void finish(TimePoint now, Router& router);
  /// Writes text that stays above the table.
  void write(std::string_view text) { table_.write(text); }
  [[nodiscard]] TimePoint next() const { return next_; }

 private:
  void show(TimePoint now, Router& router);

  std::FILE* const stream_;
  ProgressLine table_;
  const bool colours_;
  const std::chrono::steady_clock::duration interval_;
  TimePoint last_;
  TimePoint next_;
};

}  // namespace metlog
