#include "tools/metlog/tune/search/confirmation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace metlog {
namespace {

constexpr double kMinConfirmedGain = 1.02;

double kept_of(const Row& row) { return row.cost.kept_percent; }
double error_of(const Row& row) { return row.cost.kept_error; }
double idle_of(const Row& row) { return row.cost.is_known() ? row.cost.idle_percent : -1; }

}  // namespace

double Confirmation::gain(Goal goal) const {
  std::vector<double> gains;
  for (std::size_t i = 0; i < std::min(defaults.size(), chosen.size()); ++i) {
    if (!chosen[i].is_clean()) return 0;
    if (!defaults[i].is_clean()) continue;
    gains.push_back(cost_of(defaults[i], goal) - cost_of(chosen[i], goal));
  }
  return gains.empty() ? 1 : std::exp(spread_of(gains).median);
}

Confirmation::HostCosts Confirmation::host_costs() const {
  const auto cost_of_side = [](const std::vector<Row>& rows) {
    HostCost cost;
    const std::vector<double> kept = values_of(rows, kept_of);
    if (kept.empty()) return cost;
    const Spread spread = spread_of(kept);
    cost.kept_percent = spread.median;
    // Of a round or two the spread says little.
    const double error = std::max(spread.half_width, spread_of(values_of(rows, error_of)).median);
    cost.kept_error = error / std::sqrt(static_cast<double>(kept.size()));
    cost.idle_percent = spread_of(values_of(rows, idle_of)).median;
    return cost;
  };
  return {cost_of_side(defaults), cost_of_side(chosen)};
}

bool Confirmation::holds(Goal goal) const {
  const auto is_clean = [](const Row& row) { return row.is_clean(); };
  if (chosen.empty() || !std::all_of(chosen.begin(), chosen.end(), is_clean)) return false;
  // Defaults that lose messages lose against any choice that does not.
  if (std::none_of(defaults.begin(), defaults.end(), is_clean)) return true;
  const HostCosts costs = host_costs();
  if (burden_of(costs.chosen, costs.defaults, goal) != Burden::kNone) return false;
  if (burden_of(costs.defaults, costs.chosen, goal) != Burden::kNone) return true;
  return gain(goal) >= kMinConfirmedGain;
}

std::string Confirmation::regimes() const {
  std::map<std::string_view, std::size_t> counts;
  std::size_t rows = 0;
  for (const std::vector<Row>* side : {&defaults, &chosen}) {
    for (const Row& row : *side) {
      ++counts[regime_of(row.before, row.after)];
      ++rows;
    }
  }
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", name, count, rows);
  }
  return text;
}

std::vector<double> values_of(const std::vector<Row>& rows, double (*figure)(const Row&)) {
  std::vector<double> values;
  for (const Row& row : rows) {
    if (row.is_clean() && figure(row) >= 0) values.push_back(figure(row));
  }
  return values;
}

const std::vector<Figure>& figures() {
  static const std::vector<Figure> kFigures = {
      {"kept", "%", kept_of},
      {"CPU per message", "us",
       [](const Row& row) { return row.cost.is_known() ? row.cost.cpu_us_per_message : -1; }},
      {"CPU when idle", "%", idle_of},
      {"delivered", "/s", [](const Row& row) { return row.throughput.per_second(); }},
      {"burst p50", "ns", [](const Row& row) { return row.burst.p50(); }},
      {"burst p99", "ns", [](const Row& row) { return row.burst.p99(); }},
      {"burst p99.9", "ns", [](const Row& row) { return row.burst.p999(); }},
      {"single p50", "ns", [](const Row& row) { return row.single.p50(); }},
      {"single p99", "ns", [](const Row& row) { return row.single.p99(); }},
      {"single p99.9", "ns", [](const Row& row) { return row.single.p999(); }},
      {"CPU per message flat out", "us",
       [](const Row& row) { return row.throughput.cpu_us_per_message(); }},
      {"peak memory", "MB",
       [](const Row& row) { return 1e-6 * static_cast<double>(row.throughput.peak_rss_bytes); }},
  };
  return kFigures;
}

}  // namespace metlog
