#include "tools/router/web/loss_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/console/loss_text.h"

namespace metlog {

std::string place_of(const OutputLedger& output) {
  return "output " + (output.name.empty() ? output.url : output.name);
}

std::string place_of(const InputLedger& input) { return "input " + input.endpoint; }

void LossWatch::look(const RouterLedger& ledger, std::int64_t utc_ns) {
  now_ = utc_ns;
  ++looks_;
  rows_.clear();
  note_inputs(ledger);
  each_count<RejectReason>(ledger.rejected, [this](std::string_view why, std::uint64_t count) {
    note("rejected", why, count);
  });
  each_count<FrameDamage>(ledger.frames.damaged, [this](std::string_view why, std::uint64_t count) {
    note("damaged frames", why, count);
  });
  note_outputs(ledger);
  each_count<LossReason>(ledger.client_losses.lost_by_reason.by_reason,
                         [this](std::string_view why, std::uint64_t count) {
                           note("clients", why, count, "as their metlog.loss messages say");
                         });
  note("clients", "unreported", ledger.client_losses.unreported);
  note_sessions(ledger.sessions);
  // Sessions that are no longer among the worst must not take the room of what is lost next.
  if (times_.size() >= kMaxRows) {
    std::erase_if(times_, [this](const auto& entry) { return entry.second.look != looks_; });
  }
  std::stable_sort(rows_.begin(), rows_.end(), [](const LossRow& a, const LossRow& b) {
    return a.last_utc_ns > b.last_utc_ns;
  });
}

void LossWatch::note(const std::string& where, std::string_view why, std::uint64_t count,
                     const std::string& detail) {
  if (count == 0) return;
  const std::pair<std::string, std::string> key(where, why);
  auto found = times_.find(key);
  if (found == times_.end()) {
    if (times_.size() >= kMaxRows) return;
    found = times_.emplace(key, Times{0, now_, now_, 0}).first;
  }
  Times& times = found->second;
  times.look = looks_;
  if (count > times.count) times.last = now_;
  times.count = count;
  rows_.push_back({where, key.second, count, times.first, times.last, detail});
}

// Inputs of one endpoint, such as one before a reload and one after it, are one row, as are outputs
// of one place: two counts by turns under one key would look as if they grew each time.
void LossWatch::note_inputs(const RouterLedger& ledger) {
  std::map<std::string, InputCounts> places;
  for (const InputLedger& input : ledger.inputs) places[place_of(input)] += input.counts;
  for (const auto& [place, sum] : places) {
    note(place, "kernel_drops", sum.kernel_drops);
    note(place, "errors", sum.errors);
    note(place, "bad_metrics", sum.bad_metrics);
  }
}

void LossWatch::note_outputs(const RouterLedger& ledger) {
  std::map<std::string, OutputLedger> places;
  for (const OutputLedger& output : ledger.outputs) places[place_of(output)] += output;
  for (const auto& place : places) {
    const OutputLedger& sum = place.second;
    each_count<LossReason>(sum.lost.by_reason, [&](std::string_view why, std::uint64_t count) {
      note(place.first, why, count, sum.last_error.text);
    });
  }
}

void LossWatch::note_sessions(const SessionsLedger& sessions) {
  for (const SessionLedger& session : sessions.worst) {
    const std::string where = fmt::format("session {}", session.session);
    const std::string program =
        fmt::format("{}, pid {} on {}", session.program, session.pid, session.hostname);
    note(where, "lost_on_way", session.lost_on_way, program);
    note(where, "undecided", session.undecided, program);
    note(where, "lost_by_clients", session.lost_by_clients(), program);
  }
}

}  // namespace metlog
