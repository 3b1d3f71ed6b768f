#include "bench/host_cost/bill.h"

#include <algorithm>
#include <set>
#include <utility>

namespace metlog {

bool BillRow::has(std::string_view figure) const {
  return std::any_of(rounds.begin(), rounds.end(), [&](const Measurement& round) {
    return round.figures.find(figure) != round.figures.end();
  });
}

std::vector<double> BillRow::values(std::string_view figure) const {
  std::vector<double> values;
  for (const Measurement& round : rounds) {
    if (const auto found = round.figures.find(figure); found != round.figures.end()) {
      values.push_back(found->second);
    }
  }
  return values;
}

Spread BillRow::spread(std::string_view figure) const { return spread_of(values(figure)); }

double BillRow::sum(std::string_view figure) const {
  double sum = 0;
  for (const double value : values(figure)) sum += value;
  return sum;
}

std::vector<std::string> BillRow::figure_names() const {
  std::set<std::string> names;
  for (const Measurement& round : rounds) {
    for (const auto& [name, value] : round.figures) names.insert(name);
  }
  return {names.begin(), names.end()};
}

std::vector<Measurement::Threads> BillRow::threads() const {
  std::vector<Measurement::Threads> all;
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::vector<double>>> values;
  for (const Measurement& round : rounds) {
    for (const Measurement::Threads& threads : round.threads) {
      auto& known = values[{threads.process, threads.name}];
      // In the order of their first appearance: the busiest first.
      if (known.empty()) all.push_back({threads.process, threads.name, {}});
      for (const auto& [name, value] : threads.figures) known[name].push_back(value);
    }
  }
  for (Measurement::Threads& threads : all) {
    for (const auto& [name, list] : values[{threads.process, threads.name}]) {
      threads.figures[name] = spread_of(list).p50;
    }
  }
  return all;
}

bool is_sound(const std::vector<BillCase>& bill) {
  for (const BillCase& one : bill) {
    for (const BillRow& row : one.rows) {
      const std::vector<double> unaccounted = row.values("unaccounted");
      const bool balances = std::all_of(unaccounted.begin(), unaccounted.end(),
                                        [](double count) { return count == 0; });
      if (!row.errors.empty() || !balances) return false;
    }
  }
  return true;
}

}  // namespace metlog
