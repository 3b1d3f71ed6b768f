#include "metlog/internal/flush/stats_reporter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "metlog/internal/base/ticks.h"
#include "metlog/severity.h"

namespace metlog {
namespace {

EngineField number(std::string_view key, std::uint64_t value) {
  return {std::string(key), std::to_string(value), true};
}

std::string percent_text(double fill) {
  const auto tenths = static_cast<long>(std::lround(fill * 1000));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

EngineMessage message_of(const Ledger& account, bool is_last, std::int64_t now_ns) {
  const std::uint64_t lost = account.lost.total();
  EngineMessage message{"metlog.stats",
                        "emitted " + std::to_string(account.emitted) + ", sent " +
                            std::to_string(account.sent) + ", lost " + std::to_string(lost),
                        {number("emitted", account.emitted), number("sent", account.sent),
                         number("filtered", account.filtered), number("pending", account.pending),
                         number("lost", lost)},
                        static_cast<int>(Severity::kInfo),
                        now_ns};
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    if (account.lost.by_reason[i] == 0) continue;
    message.fields.push_back(number("lost_" + std::string(name_of(static_cast<LossReason>(i))),
                                    account.lost.by_reason[i]));
  }
  message.fields.push_back(
      {is_last ? "unexplained" : "in_rings", std::to_string(account.unexplained()), true});
  message.fields.push_back(number("marks", account.marks));
  return message;
}

}  // namespace

void StatsReporter::note_fill(double fill) {
  delivery_.used().for_each(
      [&](std::uint32_t slot) { due_[slot].fill = std::max(due_[slot].fill, fill); });
}

void StatsReporter::report_due(std::uint32_t slot, const Timeline& time, TimePoint now) {
  const std::chrono::nanoseconds interval = delivery_.stats_interval(slot);
  if (interval.count() == 0) return;
  Due& due = due_[slot];
  const std::uint64_t client = delivery_.destination(slot)->client_number();
  if (due.client != client) {
    due = {client, now + interval};
  } else if (now >= due.at) {
    due.at = now + interval;
    report(slot, time, false);
  }
}

void StatsReporter::report_last(std::uint32_t slot, const Timeline& time) {
  if (delivery_.stats_interval(slot).count() != 0) report(slot, time, true);
}

void StatsReporter::report(std::uint32_t slot, const Timeline& time, bool is_last) {
  Destination& destination = *delivery_.destination(slot);
  const std::size_t key = destination.reporting_key();
  // Asked first, as in LossReporter::report(). What finds no room is not missed: the next one has
  // all that it had.
  if (destination.try_reserve(key, 0) == nullptr) return;
  destination.offer_all();  // what is not offered is not in the account yet
  EngineMessage message = message_of(whole_account(destination.ledger(), rings_, slot), is_last,
                                     time.utc_ns(steady_ticks()));
  message.fields.push_back({"ring_fill_percent", percent_text(due_[slot].fill), true});
  message.fields.push_back({"session", session_});
  message.fields.push_back(number("client", destination.client_number()));
  if (is_last) message.fields.push_back({"final", "true", true});
  Notice notice;
  notice.kind = Notice::Kind::kStats;
  if (delivery_.deliver(message, notice, slot, key)) due_[slot].fill = 0;
}

}  // namespace metlog
