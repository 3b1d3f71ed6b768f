#include "tools/metlog/tune/measure/row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"

namespace metlog {
namespace {

constexpr double kHeldShare = 0.99;
// What the last message may be late by: the flusher's interval and the way to the receiver.
constexpr double kMaxLagS = 0.01;

std::string reasons_text(const Phase& phase) {
  std::string text = loss_text(phase.lost);
  if (phase.not_arrived == 0) return text;
  return text +
         fmt::format("{}not_arrived {}", text.empty() ? "" : ", ", grouped(phase.not_arrived));
}

Phase account(const PointReport& report, const std::optional<Arrival>& arrival) {
  Phase phase;
  const Ledger& ledger = report.ledger;
  phase.emitted = ledger.emitted;
  phase.delivered = arrival.has_value() ? std::min(arrival->messages, ledger.sent) : ledger.sent;
  phase.not_arrived = ledger.sent - phase.delivered;
  phase.lost = ledger.lost;
  phase.lost[LossReason::kExpired] += ledger.pending;
  const bool was_seen = arrival.has_value() && arrival->last_ns > report.start_ns;
  const std::int64_t end_ns = was_seen ? arrival->last_ns : report.end_ns;
  phase.seconds = 1e-9 * static_cast<double>(end_ns - report.start_ns);
  phase.cpu_s = report.cpu_s;
  phase.peak_rss_bytes = report.peak_rss_bytes;
  return phase;
}

void fault(Phase& phase, Fault what, std::string remark) {
  if (phase.fault != Fault::kNone) return;
  phase.fault = what;
  phase.remark = std::move(remark);
}

}  // namespace

std::string_view name_of(Fault fault) {
  constexpr std::array<std::string_view, 8> kNames = {
      "ok",          "lost",  "no_reader", "disk_full", "rate_not_held", "not_confirmed",
      "unavailable", "broken"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::string share_text(double share) {
  const double percent = 100 * share;
  if (percent > 0 && percent < 0.1) return "under 0.1 %";
  if (percent < 10) return fmt::format("{:.1f} %", percent);
  if (percent < 100) return fmt::format("{:.0f} %", std::min(percent, 99.0));
  return "100 %";
}

Phase failed_phase(Fault fault, std::string remark) {
  Phase phase;
  phase.fault = fault;
  phase.remark = std::move(remark);
  return phase;
}

Phase judge(const PointOptions& asked, const PointReport& report,
            const std::optional<Arrival>& arrival) {
  if (report.is_url_refused) {
    return failed_phase(Fault::kUnavailable, "not available here: " + report.error);
  }
  if (!report.error.empty()) return failed_phase(Fault::kBroken, report.error);
  Phase phase = account(report, arrival);
  const std::int64_t unexplained = report.ledger.unexplained();
  if (unexplained != 0) {
    fault(phase, Fault::kBroken, fmt::format("{} messages unaccounted for", unexplained));
  }
  if (arrival.has_value() && arrival->damaged != 0) {
    fault(phase, Fault::kBroken, fmt::format("{} damaged frames", grouped(arrival->damaged)));
  }
  if (phase.emitted == 0) fault(phase, Fault::kBroken, "no call was made in time");
  if (report.is_disk_full) fault(phase, Fault::kDiskFull, "disk full");
  if (phase.delivered == 0 && phase.emitted > 0) {
    const bool was_refused = phase.lost[LossReason::kRefused] != 0;
    fault(phase, was_refused ? Fault::kLost : Fault::kNoReader,
          was_refused ? "refused" : "no reader");
  }
  if (phase.lost[LossReason::kNoReceiver] != 0) {
    fault(phase, Fault::kNoReader,
          fmt::format("no reader for {} of it", share_text(phase.lost_share())));
  }
  const double due =
      kHeldShare * static_cast<double>(asked.rate) * std::max(phase.seconds - kMaxLagS, 0.0);
  if (asked.measure == Measure::kThroughput && static_cast<double>(phase.delivered) < due) {
    fault(phase, Fault::kRate,
          fmt::format("rate not held: {:.0f}/s of {}/s", phase.per_second(), asked.rate));
  }
  if (phase.delivered < phase.emitted) {
    fault(phase, Fault::kLost,
          fmt::format("lost {} ({})", share_text(phase.lost_share()), reasons_text(phase)));
  }
  if (!report.is_confirmed && !is_udp(asked.setting.transport)) {
    fault(phase, Fault::kUnconfirmed, "not confirmed by the destination");
  }
  return phase;
}

}  // namespace metlog
