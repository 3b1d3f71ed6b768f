#include "tools/metlog/tune/report/tune_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

constexpr std::size_t kBarColumns = 24;
constexpr std::size_t kUsualColumns = 80;

std::size_t terminal_columns() {
  const std::optional<TerminalSize> size = terminal_size(stderr);
  return size.has_value() && size->columns >= 20 ? size->columns : kUsualColumns;
}

}  // namespace

std::string progress_text(double share, double left_s, const std::string& what,
                          std::size_t columns) {
  const double part = std::clamp(share, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(part * static_cast<double>(kBarColumns));
  const std::string text = fmt::format("[{}{}] {:3.0f} %  {:.0f} s left  {}",
                                       std::string(full, '#'), std::string(kBarColumns - full, '.'),
                                       100 * part, std::ceil(std::max(left_s, 0.0)), what);
  return cut_to_width(text, columns);
}

TuneProgress::TuneProgress(bool quiet)
    : line_(stderr, !quiet && can_redraw(stderr) ? ProgressLine::Mode::kRewrite
                                                 : ProgressLine::Mode::kQuiet) {}

void TuneProgress::show(double share, double left_s, const std::string& what) {
  if (line_.mode() == ProgressLine::Mode::kQuiet) return;
  line_.show(progress_text(share, left_s, what, terminal_columns() - 1));
}

}  // namespace metlog
