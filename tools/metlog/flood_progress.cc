#include "tools/metlog/flood_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/terminal.h"

namespace metlog {
namespace {

constexpr std::chrono::milliseconds kRewriteInterval{250};
constexpr std::chrono::milliseconds kLineInterval{2000};

void write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

FloodProgress::FloodProgress(const FloodOptions& options, TimePoint start)
    : options_(options),
      mode_(options.quiet        ? Mode::kQuiet
            : can_redraw(stderr) ? Mode::kOneLine
                                 : Mode::kLines),
      interval_(mode_ == Mode::kOneLine ? kRewriteInterval : kLineInterval),
      start_(start),
      last_(start),
      next_(start + interval_) {}

FloodProgress::~FloodProgress() {
  if (mode_ == Mode::kOneLine) write("\r\x1b[K");
}

double FloodProgress::share_done(double seconds, std::uint64_t emitted) const {
  double share = 0;
  if (options_.seconds > 0) share = seconds / options_.seconds;
  if (options_.count > 0) {
    share = std::max(share, static_cast<double>(emitted) / static_cast<double>(options_.count));
  }
  return std::min(share, 1.0);
}

void FloodProgress::show(TimePoint now, const Ledger& ledger) {
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double since_last = std::chrono::duration<double>(now - last_).count();
  const auto rate = static_cast<std::uint64_t>(
      static_cast<double>(ledger.emitted - emitted_before_) / std::max(since_last, 1e-3));
  std::string text =
      fmt::format("{:.1f} s  emitted {} ({}/s)  sent {}  lost {}", seconds, grouped(ledger.emitted),
                  grouped(rate), grouped(ledger.sent), grouped(ledger.lost.total()));
  if (options_.seconds > 0 || options_.count > 0) {
    text = fmt::format("{:3.0f} %  {}", 100 * share_done(seconds, ledger.emitted), text);
  }
  write(mode_ == Mode::kOneLine ? fmt::format("\r{}\x1b[K", text) : text + '\n');
  emitted_before_ = ledger.emitted;
  last_ = now;
  next_ = now + interval_;
}

}  // namespace metlog
