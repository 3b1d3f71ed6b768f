#include "tools/metlogd/display.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <string>

#include "tools/console/terminal.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

// Lines of the table that are no rows: the totals, the rejects, the heading, the rest, the cursor.
constexpr std::size_t kLinesBesideRows = 5;

LiveTable::Style style_for(int fd, bool colours) {
  winsize window{};
  LiveTable::Style style;
  style.colours = colours;
  if (ioctl(fd, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return style;
  style.width = window.ws_col;
  style.rows = window.ws_row > kLinesBesideRows ? window.ws_row - kLinesBesideRows : 1;
  return style;
}

}  // namespace

Display::Mode Display::mode_for(std::FILE* stream) {
  return can_redraw(stream) ? Mode::kTable : Mode::kLines;
}

Display::Display(std::FILE* stream, Mode mode, std::chrono::duration<double> interval)
    : stream_(stream),
      mode_(mode),
      colours_(mode == Mode::kTable && wants_colours(stream)),
      interval_(std::chrono::duration_cast<Clock::duration>(interval)),
      last_(Clock::now()),
      next_(last_ + interval_) {}

void Display::tick(TimePoint now, Router& router) {
  if (now >= next_) show(now, router);
}

void Display::finish(TimePoint now, Router& router) {
  if (mode_ == Mode::kTable) show(now, router);
}

void Display::write(std::string_view text) {
  drawn_lines_ = 0;
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
}

void Display::show(TimePoint now, Router& router) {
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  next_ = now + interval_;
  if (mode_ == Mode::kQuiet || seconds <= 0) return;
  router.table().end_interval(seconds, router.message_count());
  draw(router, router.table());
}

void Display::draw(const Router& router, const LiveTable& table) {
  if (mode_ == Mode::kLines) return write(table.render_line(router.ledger()));
  const std::string text = table.render(router.ledger(), style_for(fileno(stream_), colours_));
  // Back to where the last table began, and away with it.
  if (drawn_lines_ > 0) write(fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
  write(text);
  drawn_lines_ = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace metlog
