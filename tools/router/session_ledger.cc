#include "tools/router/session_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"

namespace metlog {

std::string_view name_of(Liveness state) {
  constexpr std::array<std::string_view, 4> kNames = {"open", "closed", "vanished", "died"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view name_of(LossEvidence evidence) {
  constexpr std::array<std::string_view, 3> kNames = {"numbers", "counts", "none"};
  return kNames[static_cast<std::size_t>(evidence)];
}

std::uint64_t SessionLedger::lost_by_clients() const {
  std::uint64_t sum = 0;
  for (const ClientLedger& client : clients) {
    const std::uint64_t lost = client.report.lost;  // at most StatsReport::kMost
    sum = sum > std::numeric_limits<std::uint64_t>::max() - lost
              ? std::numeric_limits<std::uint64_t>::max()
              : sum + lost;
  }
  return sum;
}

namespace {

// The sessions and ranges that the text shows; the JSON has all.
constexpr std::size_t kSessionsShown = 10;
constexpr std::size_t kRangesShown = 5;

void add_line(std::string& text, std::string_view name, std::uint64_t count) {
  fmt::format_to(std::back_inserter(text), "  {:<22}{:>15}\n", name, grouped(count));
}

std::string ranges_text(const StreamLedger& stream) {
  std::string text;
  std::uint64_t shown = 0;
  for (std::size_t i = 0; i < std::min(stream.ranges.size(), kRangesShown); ++i) {
    const NumberRange& range = stream.ranges[i];
    text.append(text.empty() ? "" : ", ").append(std::to_string(range.first));
    if (range.count > 1) text.append("-").append(std::to_string(range.first + range.count - 1));
    shown += range.count;
  }
  const std::uint64_t more = stream.missing - std::min(stream.missing, shown);
  if (more != 0) text.append(" and ").append(grouped(more)).append(" more");
  return text;
}

void add_client(std::string& text, const ClientLedger& client) {
  const StatsReport& report = client.report;
  fmt::format_to(std::back_inserter(text), "    client {} {}: {}, emitted {}, sent {}, lost {}",
                 report.client, escape_for_terminal(report.logger), name_of(client.state),
                 grouped(report.emitted), grouped(report.sent), grouped(report.lost));
  const std::string reasons = loss_text(report.lost_by_reason);
  if (!reasons.empty()) text.append(" (").append(reasons).append(")");
  if (client.state != Liveness::kClosed) {
    text += fmt::format(", last heard of {} s ago", client.silent_ns / 1'000'000'000);
  }
  text += '\n';
  for (const StreamLedger& stream : client.streams) {
    if (stream.missing == 0 && stream.since == 0) continue;
    text += fmt::format("      stream {}:", stream.number);
    if (stream.missing != 0) text.append(" missing ").append(ranges_text(stream));
    if (stream.since != 0) text += fmt::format(" since {}", stream.since);
    text += '\n';
  }
}

void add_session(std::string& text, const SessionLedger& session) {
  fmt::format_to(std::back_inserter(text),
                 "  {} ({}) on {}: ", escape_for_terminal(session.program), session.pid,
                 escape_for_terminal(session.hostname));
  if (session.evidence == LossEvidence::kNone) {
    text.append("lost on the way: not known, ").append(session.unknown_because);
  } else {
    text.append("lost on the way ").append(grouped(session.lost_on_way));
    text += session.evidence == LossEvidence::kNumbers ? ", by numbers" : ", by counts";
  }
  if (session.undecided != 0) text += fmt::format(", undecided {}", grouped(session.undecided));
  text.append("\n    session ").append(session.session).append("\n");
  for (const ClientLedger& client : session.clients) add_client(text, client);
  if (session.left_out != 0) {
    text += fmt::format("    clients or connections left out: {}\n", grouped(session.left_out));
  }
}

}  // namespace

std::string to_text(const SessionsLedger& ledger) {
  std::string text;
  if (ledger.bad_reports != 0) add_line(text, "stats of no session", ledger.bad_reports);
  if (ledger.sessions == 0) return text;
  add_line(text, "sessions", ledger.sessions);
  if (ledger.forgotten != 0) add_line(text, "  forgotten", ledger.forgotten);
  add_line(text, "  lost on the way", ledger.lost_on_way);
  if (ledger.undecided != 0) {
    add_line(text, "  undecided", ledger.undecided);
    text += "    missing: lost on the way, or by a client that has not said so yet\n";
  }
  for (std::size_t i = 0; i < std::min(ledger.worst.size(), kSessionsShown); ++i) {
    add_session(text, ledger.worst[i]);
  }
  return text;
}

namespace {

// Here, so that to_values() finds all of them.
ValueMap to_value(const StreamLedger& stream);
ValueMap to_value(const ClientLedger& client);
ValueMap to_value(const SessionLedger& session);

template <class T>
ValueList to_values(const std::vector<T>& elements) {
  ValueList list;
  for (const T& element : elements) list.emplace_back(to_value(element));
  return list;
}

ValueMap to_value(const StreamLedger& stream) {
  ValueList ranges;
  for (const NumberRange& range : stream.ranges) {
    ranges.emplace_back(ValueList{range.first, range.first + range.count - 1});
  }
  return {{"stream", stream.number},        {"since", stream.since},
          {"numbered", stream.numbered},    {"received", stream.received},
          {"repeated", stream.repeated},    {"late_unknown", stream.late_unknown},
          {"missing", stream.missing},      {"missing_ranges", std::move(ranges)},
          {"not_listed", stream.not_listed}};
}

ValueMap to_value(const ClientLedger& client) {
  const StatsReport& report = client.report;
  return {{"client", report.client},
          {"logger", report.logger},
          {"state", name_of(client.state)},
          {"last_heard_seconds", static_cast<double>(client.silent_ns) * 1e-9},
          {"emitted", report.emitted},
          {"sent", report.sent},
          {"filtered", report.filtered},
          {"pending", report.pending},
          {"bytes", report.bytes},
          {"sampled_out", report.sampled_out},
          {"marks", report.marks},
          {"lost", report.lost},
          {"lost_by_reason", loss_counts(report.lost_by_reason)},
          {"unexplained", report.unexplained},
          {"lost_on_way", client.lost_on_way},
          {"undecided", client.undecided},
          {"streams", to_values(client.streams)}};
}

ValueMap to_value(const SessionLedger& session) {
  ValueMap map = {{"session", session.session},
                  {"program", session.program},
                  {"hostname", session.hostname},
                  {"pid", session.pid},
                  {"evidence", name_of(session.evidence)}};
  if (session.evidence == LossEvidence::kNone) {
    map.set("lost_on_way", nullptr);
    map.set("unknown_because", session.unknown_because);
  } else {
    map.set("lost_on_way", session.lost_on_way);
  }
  map.set("undecided", session.undecided);
  map.set("lost_by_clients", session.lost_by_clients());
  map.set("left_out", session.left_out);
  map.set("clients", to_values(session.clients));
  return map;
}

}  // namespace

ValueMap to_value(const SessionsLedger& ledger) {
  return {{"sessions", ledger.sessions},       {"forgotten", ledger.forgotten},
          {"bad_reports", ledger.bad_reports}, {"lost_on_way", ledger.lost_on_way},
          {"undecided", ledger.undecided},     {"worst", to_values(ledger.worst)}};
}

}  // namespace metlog
