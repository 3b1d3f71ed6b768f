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
  const double margin = std::max(kMaxKeptLoss, cost.kept_error + other.kept_error);
  if (cost.kept_percent < other.kept_percent - margin) return Burden::kKeepsLess;
  const bool idles_dearer = cost.idle_percent > other.idle_percent + kMaxIdleExcess;
  return idles_dearer && goal != Goal::kLatency ? Burden::kIdlesDearer : Burden::kNone;
}

std::optional<std::size_t> best_of(const std::vector<Row>& rows, std::size_t current, Goal goal) {
  const auto may_win = [&](const Row& row) {
    const auto wins_over = [&](const Row& other) {
      return !other.is_clean() || burden_of(row.cost, other.cost, goal) == Burden::kNone;
    };
    return row.is_clean() && std::all_of(rows.begin(), rows.end(), wins_over);
  };
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!may_win(rows[i])) continue;
    if (!best.has_value() || cost_of(rows[i], goal) < cost_of(rows[*best], goal)) best = i;
  }
  if (!best.has_value() || current >= rows.size() || !may_win(rows[current])) return best;
  const double gain = cost_of(rows[current], goal) - cost_of(rows[*best], goal);
  return gain > std::log1p(kMinGain) ? best : current;
}

}  // namespace metlog
