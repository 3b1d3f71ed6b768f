#include "tools/metlog/tune/search/objective.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace metlog {
namespace {

struct GoalText {
  Goal goal;
  std::string_view name;
  std::string_view meaning;
  // The weights of the logarithms.
  double call;
  double throughput;
  double cpu;
  double memory;
};
constexpr std::array kGoals = {
    GoalText{Goal::kLatency, "latency",
             "the time of a call (p50 and p99, alone and in bursts); throughput counts by a tenth",
             1, 0.1, 0, 0},
    GoalText{Goal::kThroughput, "throughput",
             "messages that arrive per second; the time of a call counts by a tenth", 0.1, 1, 0, 0},
    GoalText{Goal::kMemory, "memory",
             "peak memory; throughput counts by a quarter, the time of a call by a tenth", 0.1,
             0.25, 0, 1},
    GoalText{Goal::kBalanced, "balanced",
             "the time of a call and throughput equally; CPU per message flat out and peak memory "
             "count by "
             "half",
             1, 1, 0.5, 0.5},
};

const GoalText& text_of(Goal goal) { return kGoals[static_cast<std::size_t>(goal)]; }

// In points of a percent.
constexpr double kMaxKeptLoss = 1;
constexpr double kMaxIdleExcess = 10;

// Zero counts as very little.
double log_of(double value) { return std::log(std::max(value, 1e-3)); }

}  // namespace

std::string_view name_of(Goal goal) { return text_of(goal).name; }
std::string_view meaning_of(Goal goal) { return text_of(goal).meaning; }

std::optional<Goal> parse_goal(std::string_view name) {
  for (const GoalText& entry : kGoals) {
    if (entry.name == name) return entry.goal;
  }
  return std::nullopt;
}

double call_ns(const Row& row) {
  return std::exp((log_of(row.burst.p50()) + log_of(row.burst.p99()) + log_of(row.single.p50()) +
                   log_of(row.single.p99())) /
                  4);
}

double cost_of(const Row& row, Goal goal) {
  if (!row.is_clean()) return std::numeric_limits<double>::infinity();
  const GoalText& weights = text_of(goal);
  return weights.call * log_of(call_ns(row)) -
         weights.throughput * log_of(row.throughput.per_second()) +
         weights.cpu * log_of(row.throughput.cpu_us_per_message()) +
         weights.memory * log_of(static_cast<double>(row.throughput.peak_rss_bytes));
}

Burden burden_of(const HostCost& cost, const HostCost& other, Goal goal) {
  if (!cost.is_known() || !other.is_known()) return Burden::kNone;
  if (goal != Goal::kLatency) {
    if (cost.idle_percent > other.idle_percent + kMaxIdleExcess) return Burden::kIdlesDearer;
    if (other.idle_percent > cost.idle_percent + kMaxIdleExcess) return Burden::kNone;
  }
  const double margin = std::max(kMaxKeptLoss, cost.kept_error + other.kept_error);
  return cost.kept_percent < other.kept_percent - margin ? Burden::kKeepsLess : Burden::kNone;
}

namespace {

/// The rows that may win, by index: clean, and what logging takes from the host is in order.
std::vector<std::size_t> bearable(const std::vector<Row>& rows, Goal goal) {
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].is_clean()) left.push_back(i);
  }
  // In two steps, each against the best of it: a row may keep more because it idles dearer.
  const auto drop = [&](Burden burden, auto is_better) {
    const auto best = std::min_element(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
      return is_better(rows[a].cost, rows[b].cost);
    });
    if (best == left.end()) return;
    const HostCost standard = rows[*best].cost;
    std::erase_if(left,
                  [&](std::size_t i) { return burden_of(rows[i].cost, standard, goal) == burden; });
  };
  drop(Burden::kIdlesDearer, [](const HostCost& a, const HostCost& b) {
    return a.is_known() && (!b.is_known() || a.idle_percent < b.idle_percent);
  });
  drop(Burden::kKeepsLess,
       [](const HostCost& a, const HostCost& b) { return a.kept_percent > b.kept_percent; });
  return left;
}

}  // namespace

std::optional<std::size_t> best_of(const std::vector<Row>& rows, std::size_t current, Goal goal) {
  const std::vector<std::size_t> left = bearable(rows, goal);
  const auto best = std::min_element(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
    return cost_of(rows[a], goal) < cost_of(rows[b], goal);
  });
  if (best == left.end()) return std::nullopt;
  if (std::find(left.begin(), left.end(), current) == left.end()) return *best;
  const double gain = cost_of(rows[current], goal) - cost_of(rows[*best], goal);
  return gain > std::log1p(kMinGain) ? *best : current;
}

}  // namespace metlog
