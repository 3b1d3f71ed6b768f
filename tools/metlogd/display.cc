#include "tools/metlogd/display.h"

#include <optional>

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

// Lines of the table other than rows: totals, rejections, heading, "and more", the cursor's.
constexpr std::size_t kLinesBesideRows = 5;

LiveTable::Style style_for(std::FILE* stream, bool colours) {
  LiveTable::Style style;
  style.colours = colours;
  if (const std::optional<TerminalSize> size = terminal_size(stream)) {
    style.width = size->columns;
    style.rows = size->rows > kLinesBesideRows ? size->rows - kLinesBesideRows : 1;
  }
  return style;
}

}  // namespace

Display::Display(std::FILE* stream, ProgressLine::Mode mode, std::chrono::duration<double> interval)
    : stream_(stream),
      table_(stream, mode),
      colours_(mode == ProgressLine::Mode::kRewrite && wants_colours(stream)),
      interval_(std::chrono::duration_cast<Clock::duration>(interval)),
      last_(Clock::now()),
      next_(last_ + interval_) {}

void Display::tick(TimePoint now, Router& router) {
  if (now >= next_) show(now, router);
}

void Display::finish(TimePoint now, Router& router) {
  if (table_.mode() == ProgressLine::Mode::kRewrite) show(now, router);
}

void Display::show(TimePoint now, Router& router) {
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  next_ = now + interval_;
  if (seconds <= 0) return;
  LiveTable& counts = router.table();
  counts.end_interval(seconds, router.message_count());
  if (table_.mode() == ProgressLine::Mode::kQuiet) return;
  table_.show(table_.mode() == ProgressLine::Mode::kAppend
                  ? counts.render_line(router.ledger())
                  : counts.render(router.ledger(), style_for(stream_, colours_)));
}

}  // namespace metlog
