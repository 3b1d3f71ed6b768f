#include "metlog/internal/flush/stats_reporter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "metlog/internal/base/ticks.h"
#include "metlog/severity.h"

namespace metlog {
namespace {

// Due::at of a client before its first round, and after its last one.
constexpr auto kNew = StatsReporter::TimePoint::max();
constexpr auto kEnded = kNew - StatsReporter::TimePoint::duration(1);

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
  message.fields.push_back(number("bytes", account.bytes));
  message.fields.push_back(number("sampled_out", account.sampled_out));
  return message;
}

std::uint64_t us_of(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(time / std::chrono::microseconds(1));
}

/// Returns how many batches of a connection wait for its sender, at most.
std::uint64_t waiting_batches(const Destination& destination) {
  std::uint64_t waiting = 0;
  for (std::size_t i = 0; i < destination.queue_count(); ++i) {
    const SendQueue& queue = destination.queue(i);
    waiting = std::max(waiting, queue.offered_number() - queue.done_number());
  }
  return waiting;
}

/// For each stream STREAM:NUMBERED:SETTLED:LOST; docs/wire.md says what they are.
std::string streams_text(const Destination& destination) {
  std::string text;
  for (std::size_t i = 0; i < destination.queue_count(); ++i) {
    const SendQueue& queue = destination.queue(i);
    const QueueCounts::Progress progress = queue.progress();
    for (const std::uint64_t number : {std::uint64_t{queue.stream().number}, progress.numbered,
                                       progress.settled, progress.lost}) {
      text.append(std::to_string(number)).append(":");
    }
    text.back() = ' ';
  }
  text.pop_back();
  return text;
}

}  // namespace

void StatsReporter::note_fill(double fill) {
  delivery_.used().for_each(
      [&](std::uint32_t slot) { due_[slot].fill = std::max(due_[slot].fill, fill); });
}

void StatsReporter::follow(Due& due, const Destination& destination, TimePoint now) {
  const std::uint64_t client = destination.client_number();
  const std::uint32_t stream = destination.queue(0).stream().number;
  if (due.client == client && due.stream == stream) return;
  if (due.client != client) {
    due = {};
    due.client = client;
    due.at = kNew;
  }
  due.stream = stream;
  due.opened = now;
}

void StatsReporter::report_due(std::uint32_t slot, const Timeline& time, TimePoint now) {
  const std::chrono::nanoseconds interval = delivery_.stats_interval(slot);
  has_silent_clients_ |= interval.count() == 0;
  if (interval.count() == 0) return;
  Due& due = due_[slot];
  const Destination& destination = *delivery_.destination(slot);
  follow(due, destination, now);
  due.waiting = std::max(due.waiting, waiting_batches(destination));
  if (due.at == kNew) {
    due.at = now + interval;
  } else if (now >= due.at) {
    due.at = now + interval;
    report(slot, time, false);
  }
}

void StatsReporter::end_intervals(std::uint32_t slot) {
  has_silent_clients_ |= delivery_.stats_interval(slot).count() == 0;
  // It may not have had a round.
  follow(due_[slot], *delivery_.destination(slot), std::chrono::steady_clock::now());
  due_[slot].at = kEnded;
}

void StatsReporter::report_last(std::uint32_t slot, const Timeline& time) {
  if (delivery_.stats_interval(slot).count() != 0) report(slot, time, true);
}

void StatsReporter::report_removal(std::uint32_t slot, const Timeline& time) {
  if (delivery_.stats_interval(slot).count() != 0) report(slot, time, false);
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
  Due& due = due_[slot];
  const auto add = [&message](EngineField field) { message.fields.push_back(std::move(field)); };
  add({"ring_fill_percent", percent_text(due.fill), true});
  add(number("waiting_batches", due.waiting));
  add({"session", session_});
  add(number("client", destination.client_number()));
  add({"program", program_});
  add({"streams", streams_text(destination)});
  // Rounded up, so that the client never seems younger than it is.
  add(number("open_us", us_of(std::chrono::steady_clock::now() - due.opened) + 1));
  add(number("interval_us", us_of(delivery_.stats_interval(slot))));
  if (has_silent_clients_) add({"silent_clients", "true", true});
  if (is_last) add({"final", "true", true});
  Notice notice;
  notice.kind = Notice::Kind::kStats;
  if (!delivery_.deliver(message, notice, slot, key)) return;
  due.fill = 0;
  due.waiting = 0;
}

}  // namespace metlog
