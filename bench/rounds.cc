#include "bench/rounds.h"

#include <cstddef>
#include <utility>

#include "bench/spread.h"

namespace metlog {

void Rounds::begin() { one_way_before_ns_ = one_way_ns(); }

void Rounds::end() {
  const double after_ns = one_way_ns();
  current_["one_way_ns"] = after_ns;
  rounds_[regime_between(one_way_before_ns_, after_ns)].push_back(std::exchange(current_, {}));
}

void Rounds::report(benchmark::State& state) const {
  Regime most = Regime::kMixed;
  std::size_t most_count = 0;
  std::size_t all_count = 0;
  for (const auto& [regime, rounds] : rounds_) {
    all_count += rounds.size();
    if (rounds.size() > most_count && regime != Regime::kMixed) {
      most = regime;
      most_count = rounds.size();
    }
  }
  if (most_count == 0) {
    state.SkipWithError("no round stayed within one regime: run it again");
    return;
  }
  std::map<std::string, std::vector<double>> figures;
  for (const Round& round : rounds_.at(most)) {
    for (const auto& [name, value] : round) figures[name].push_back(value);
  }
  for (const auto& [name, values] : figures) {
    const Spread spread = spread_of(values);
    state.counters[name] = spread.p50;
    state.counters[name + ".p10"] = spread.p10;
    state.counters[name + ".p90"] = spread.p90;
  }
  std::string label = regime_name(most);
  label.append(" ").append(std::to_string(most_count));
  label.append("/").append(std::to_string(all_count));
  state.SetLabel(label);
}

void refuse_if_dropped(benchmark::State& state, std::uint64_t dropped) {
  if (dropped == 0) return;
  std::string why = std::to_string(dropped);
  why.append(" calls were dropped: the figure would be of a full ring");
  state.SkipWithError(why.c_str());
}

}  // namespace metlog
