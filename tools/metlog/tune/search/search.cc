#include "tools/metlog/tune/search/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace metlog {
namespace {

constexpr std::size_t kMaxRounds = 10;
constexpr Axis kAxes[] = {Axis::kTransport, Axis::kIdle,    Axis::kMaxPoll, Axis::kPoll,
                          Axis::kQuiet,     Axis::kWake,    Axis::kBatch,   Axis::kRing,
                          Axis::kPool,      Axis::kThreads, Axis::kSize};

Transport first_transport(const std::vector<Transport>& transports, Transport wanted) {
  const bool has_wanted =
      std::find(transports.begin(), transports.end(), wanted) != transports.end();
  return has_wanted ? wanted : transports.front();
}

/// No program sends to null:, so it is measured as the floor and wins only when it is alone.
bool is_floor(const Row& row, std::size_t rows) {
  return row.axis == Axis::kTransport && row.setting.transport == Transport::kNull && rows > 1;
}

/// The choice of a value on one axis.
struct Decision {
  Axis axis = Axis::kTransport;
  std::vector<Row> rows;            // the candidates, at least one
  std::string before;               // the value so far
  std::size_t current = 0;          // its row; rows.size() when it was not measured
  bool is_pointless = false;        // all messages of one thread take one connection
  std::optional<std::size_t> best;  // the winner's row; empty when no row may win
};

/// The decision in words; empty when there was only one value to choose from.
std::string reason_of(const Decision& decision, Goal goal) {
  const std::vector<Row>& rows = decision.rows;
  const std::string_view name = name_of(decision.axis);
  if (decision.is_pointless) {
    return fmt::format("{}: {} stays; all messages of one thread take one connection", name,
                       decision.before);
  }
  if (!decision.best.has_value()) {
    return fmt::format("{}: {} stays; no row was clean", name, decision.before);
  }
  if (rows.size() == 1) return "";
  if (*decision.best == decision.current) {
    return fmt::format("{}: {} stays; none of {} others was better by {:.0f} %{}", name,
                       decision.before, rows.size() - 1, 100 * kMinGain,
                       rows[decision.current].cost.is_known() ? " and cost the host no more" : "");
  }
  const Row& best = rows[*decision.best];
  const std::string after = value_text(decision.axis, best.setting);
  if (decision.current >= rows.size() || !rows[decision.current].is_clean()) {
    return fmt::format("{}: {}, the best of {} values that lost nothing", name, after, rows.size());
  }
  const HostCost& before = rows[decision.current].cost;
  switch (burden_of(before, best.cost, goal)) {
    case Burden::kKeepsLess:
      return fmt::format("{}: {}, which keeps {:.1f} % of the units where {} keeps {:.1f} %", name,
                         after, best.cost.kept_percent, decision.before, before.kept_percent);
    case Burden::kIdlesDearer:
      return fmt::format(
          "{}: {}, which takes {:.1f} % of a processor when idle where {} takes "
          "{:.1f} %",
          name, after, best.cost.idle_percent, decision.before, before.idle_percent);
    case Burden::kNone:
      break;
  }
  const double gain = std::exp(cost_of(rows[decision.current], goal) - cost_of(best, goal));
  if (gain < 1) return fmt::format("{}: {}, which costs the host less", name, after);
  return fmt::format("{}: {} instead of {}, {:.2f} times as good by the goal", name, after,
                     decision.before, gain);
}

std::string why_defaults_stay(const Confirmation& confirmation, Goal goal) {
  const std::vector<Row>& chosen = confirmation.chosen;
  const auto at_fault =
      std::find_if(chosen.begin(), chosen.end(), [](const Row& row) { return !row.is_clean(); });
  if (at_fault != chosen.end()) {
    return fmt::format("the defaults stay: in turn with them the choice {}", at_fault->remark());
  }
  const Confirmation::HostCosts costs = confirmation.host_costs();
  return fmt::format(
      "the defaults stay: in turn with them the choice kept {:.1f} % of the units where they kept "
      "{:.1f} %, took {:.1f} % of a processor when idle where they took {:.1f} %, and was {:.2f} "
      "times as good by the goal",
      costs.chosen.kept_percent, costs.defaults.kept_percent, costs.chosen.idle_percent,
      costs.defaults.idle_percent, confirmation.gain(goal));
}

}  // namespace

TuneSearch::TuneSearch(Options options, Budget& budget, Measure measure, MustStop must_stop)
    : options_(std::move(options)),
      budget_(budget),
      measure_(std::move(measure)),
      must_stop_(std::move(must_stop)),
      current_(options_.start) {
  current_.transport = first_transport(options_.transports, current_.transport);
}

std::vector<Setting> TuneSearch::plan(Axis axis, const Setting& from) const {
  if (axis == Axis::kTransport) {
    std::vector<Setting> settings;
    if (options_.transports.size() == 1) return settings;  // a requirement
    for (const Transport transport : options_.transports) {
      settings.push_back(from);
      settings.back().transport = transport;
    }
    return settings;
  }
  if (is_of_sleep(axis) && from.idle != Idle::kSleep) return {};
  return variants(axis, from, options_.extent);
}

std::size_t TuneSearch::planned_points() const {
  std::size_t points = 0;
  for (const Axis axis : kAxes) points += plan(axis, current_).size();
  return points;
}

bool TuneSearch::measure_one(Axis axis, const Setting& setting, std::vector<Row>& rows) {
  if (must_stop_()) return false;
  const double begin_s = budget_.elapsed_s();
  Row row = measure_(axis, setting);
  // A point that was stopped half-way means nothing.
  if (must_stop_()) return false;
  budget_.note_point(budget_.elapsed_s() - begin_s);
  row.axis = axis;
  row.setting = setting;
  rows.push_back(std::move(row));
  return true;
}

std::vector<Row> TuneSearch::sweep(Axis axis) {
  const std::vector<Setting> settings = plan(axis, current_);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    // The first point is measured whatever it costs, so that there is a result.
    const bool is_first = result_.rows.empty() && i == 0;
    if (must_stop_() || (!is_first && !budget_.affords_search(1))) {
      result_.skipped += settings.size() - i;
      break;
    }
    if (!measure_one(axis, settings[i], rows)) {
      result_.skipped += settings.size() - i;
      break;
    }
  }
  result_.rows.insert(result_.rows.end(), rows.begin(), rows.end());
  return rows;
}

void TuneSearch::decide(Axis axis, const std::vector<Row>& all) {
  Decision decision;
  decision.axis = axis;
  decision.before = value_text(axis, current_);
  std::vector<Row>& rows = decision.rows;
  for (const Row& row : all) {
    if (!is_floor(row, options_.transports.size())) rows.push_back(row);
  }
  if (rows.empty()) return;
  const auto is_current = [&](const Row& row) {
    return value_text(axis, row.setting) == decision.before;
  };
  decision.current =
      static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), is_current) - rows.begin());
  // There was no time for the current value: what was measured has nothing to be compared with.
  if (axis != Axis::kTransport && decision.current == rows.size()) return;
  decision.is_pointless = axis == Axis::kPool && options_.start.threads == 1;
  if (!decision.is_pointless) decision.best = best_of(rows, decision.current, options_.goal);
  if (decision.best.has_value()) {
    result_.has_choice = true;
    current_ = with_value(axis, rows[*decision.best].setting, current_);
  }
  std::string reason = reason_of(decision, options_.goal);
  if (!reason.empty()) result_.reasons.push_back(std::move(reason));
}

void TuneSearch::confirm() {
  Confirmation& confirmation = result_.confirmation;
  const bool differs = result_.chosen != result_.defaults;
  for (std::size_t round = 0; round < kMaxRounds && !must_stop_(); ++round) {
    if (!budget_.affords(differs ? 2 : 1)) break;
    std::vector<Row> defaults;
    std::vector<Row> chosen;
    // The order alternates, so that neither side always comes first.
    if (round % 2 == 1 && differs) (void)measure_one(Axis::kConfirm, result_.chosen, chosen);
    (void)measure_one(Axis::kConfirm, result_.defaults, defaults);
    if (round % 2 == 0 && differs) (void)measure_one(Axis::kConfirm, result_.chosen, chosen);
    if (defaults.empty() || (differs && chosen.empty())) break;  // no half rounds
    confirmation.defaults.push_back(defaults.front());
    if (differs) confirmation.chosen.push_back(chosen.front());
  }
}

TuneResult TuneSearch::run() {
  result_.goal = options_.goal;
  for (const Axis axis : kAxes) {
    const std::vector<Row> rows = sweep(axis);
    if (is_choice(axis)) decide(axis, rows);
  }
  result_.chosen = current_;
  result_.defaults = with_value(Axis::kTransport, current_, options_.start);
  if (result_.has_choice) confirm();
  const bool was_compared = !result_.confirmation.chosen.empty();
  if (was_compared && !result_.confirmation.holds(options_.goal)) {
    result_.reasons.push_back(why_defaults_stay(result_.confirmation, options_.goal));
    result_.chosen = result_.defaults;
  }
  result_.is_interrupted = must_stop_();
  result_.seconds = budget_.elapsed_s();
  return result_;
}

}  // namespace metlog
