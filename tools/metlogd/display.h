#pragma once

#include <chrono>
#include <cstdio>
#include <string_view>

#include "tools/router/router.h"

namespace metlog {

/// Shows the router's live table: redrawn in place on a terminal, else a line an interval. Colours
/// only on a terminal, and not when NO_COLOR is set. Used by one thread.
class Display {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Mode { kQuiet, kLines, kTable };

  /// kTable when the stream is a terminal that can redraw, else kLines.
  static Mode mode_for(std::FILE* stream);

  Display(std::FILE* stream, Mode mode, std::chrono::duration<double> interval);

  /// Shows the table when an interval is over.
  void tick(TimePoint now, Router& router);
  /// Shows what has changed since, so that the last look is complete.
  void finish(TimePoint now, Router& router);
  /// Writes text that stays.
  void write(std::string_view text);
  [[nodiscard]] TimePoint next() const { return next_; }

 private:
  void show(TimePoint now, Router& router);
  void draw(const Router& router, const LiveTable& table);

  std::FILE* const stream_;
  const Mode mode_;
  const bool colours_;
  const std::chrono::steady_clock::duration interval_;
  TimePoint last_;
  TimePoint next_;
  std::size_t drawn_lines_ = 0;
};

}  // namespace metlog
