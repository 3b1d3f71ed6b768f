#include "tools/metlog/flood_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "metlog/internal/config/json_writer.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/console/rounded.h"

namespace metlog {
namespace {

constexpr double kHeldShare = 0.99;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a < b ? b - a : a - b; }

double per_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::string rate_text(double rate) {
  return grouped(static_cast<std::uint64_t>(std::llround(rate))) + "/s";
}

bool is_handed_over(const FloodSummary& summary) {
  return summary.receipt.handover != Handover::kNone;
}

std::string line(std::string_view name, std::uint64_t count, std::string_view remark = "") {
  return fmt::format("  {:<14}{:>16}{}{}\n", name, grouped(count), remark.empty() ? "" : "   ",
                     remark);
}

}  // namespace

std::uint64_t FloodSummary::unexplained() const {
  const std::int64_t in_ledger = ledger.unexplained();
  // Absolute values, so that two errors cannot cancel out.
  const auto missing = static_cast<std::uint64_t>(in_ledger < 0 ? -in_ledger : in_ledger);
  return missing + distance(calls.value_or(ledger.emitted), ledger.emitted);
}

double FloodSummary::emitted_per_second() const { return per_second(ledger.emitted, seconds); }

double FloodSummary::sent_per_second() const { return per_second(ledger.sent, total_seconds); }

bool FloodSummary::held_rate(const FloodOptions& options) const {
  return options.rate == 0 ||
         emitted_per_second() >= kHeldShare * static_cast<double>(options.rate);
}

std::string to_text(const FloodSummary& summary, const FloodOptions& options) {
  const Ledger& ledger = summary.ledger;
  std::string text = fmt::format("flood of {} from {} {}, {:.2f} s\n", options.to, options.threads,
                                 options.threads == 1 ? "thread" : "threads", summary.seconds);
  text += line("emitted", ledger.emitted, rate_text(summary.emitted_per_second()));
  text += line("sent", ledger.sent,
               is_handed_over(summary) ? rate_text(summary.sent_per_second()) + " to the end" : "");
  text += line("lost", ledger.lost.total(), loss_text(ledger.lost));
  text += line("pending", ledger.pending);
  text += line("unexplained", summary.unexplained());
  if (!summary.held_rate(options)) {
    text += fmt::format("could not hold the rate: {} asked, {} achieved\n",
                        rate_text(static_cast<double>(options.rate)),
                        rate_text(summary.emitted_per_second()));
  }
  if (ledger.lost.total() != 0) {
    text += fmt::format("to lose less: {}\n", loss_advice(ledger.lost));
  }
  if (ledger.sent != 0 && !is_handed_over(summary)) {
    text += fmt::format("not handed over within {} s: some of what was sent may be lost\n",
                        options.wait_s);
  }
  return text;
}

std::string to_json(const FloodSummary& summary, const FloodOptions& options) {
  const Ledger& ledger = summary.ledger;
  const ValueMap object{{"to", options.to},
                        {"threads", options.threads},
                        {"size", options.size},
                        {"seconds", rounded(summary.seconds, 6)},
                        {"total_seconds", rounded(summary.total_seconds, 6)},
                        {"emitted", ledger.emitted},
                        {"sent", ledger.sent},
                        {"lost", ledger.lost.total()},
                        {"lost_by_reason", loss_counts(ledger.lost)},
                        {"pending", ledger.pending},
                        {"unexplained", summary.unexplained()},
                        {"engine_messages", ledger.marks},
                        {"confirmed", summary.receipt.confirmed},
                        {"handover", std::string(name_of(summary.receipt.handover))},
                        {"rate", rounded(summary.emitted_per_second(), 1)},
                        {"sent_rate", rounded(summary.sent_per_second(), 1)},
                        {"rate_asked", options.rate == 0 ? Value() : Value(options.rate)},
                        {"rate_held", summary.held_rate(options)}};
  return to_json(object) + '\n';
}

namespace {

constexpr std::chrono::milliseconds kRewriteInterval{250};
constexpr std::chrono::milliseconds kLineInterval{2000};

}  // namespace

FloodProgress::FloodProgress(const FloodOptions& options, TimePoint start)
    : options_(options),
      line_(stderr, options.quiet ? ProgressLine::Mode::kQuiet : ProgressLine::mode_for(stderr)),
      interval_(line_.mode() == ProgressLine::Mode::kRewrite ? kRewriteInterval : kLineInterval),
      start_(start),
      last_(start),
      next_(start + interval_) {}

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
  line_.show(text);
  emitted_before_ = ledger.emitted;
  last_ = now;
  next_ = now + interval_;
}

}  // namespace metlog
