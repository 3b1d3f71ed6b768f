#include "tools/metlog/tune/report/tune_progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/terminal.h"

namespace metlog {
namespace {

constexpr std::size_t kBarColumns = 24;
constexpr std::size_t kUsualColumns = 80;

void write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return kUsualColumns;
  return size.ws_col;
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

TuneProgress::TuneProgress(bool quiet) : is_on_(!quiet && can_redraw(stderr)) {}

TuneProgress::~TuneProgress() {
  if (is_on_) write("\r\x1b[K");
}

void TuneProgress::show(double share, double left_s, const std::string& what) {
  if (!is_on_) return;
  write(fmt::format("\r{}\x1b[K", progress_text(share, left_s, what, terminal_columns() - 1)));
}

}  // namespace metlog
