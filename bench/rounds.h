#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/regime.h"

namespace metlog {

/// The figures of a benchmark's rounds, each labelled with the regime that it was taken in.
class Rounds {
 public:
  /// Probes how far the cores are apart; call it before the round's first figure.
  void begin();
  /// A figure of this round, such as "p50_ns".
  void add(const std::string& name, double value) { current_[name] = value; }
  /// Probes again, and keeps the round under the regime that held throughout.
  void end();

  /// Reports the regime that most rounds were in: the median of each figure under its name, its
  /// spread under name.p10 and name.p90, the label "ccx 8/10". The other rounds are left out.
  void report(benchmark::State& state) const;

 private:
  using Round = std::map<std::string, double>;

  double one_way_before_ns_ = 0;
  Round current_;
  std::map<Regime, std::vector<Round>> rounds_;
};

/// Reports an error in place of a figure when calls were dropped.
void refuse_if_dropped(benchmark::State& state, std::uint64_t dropped);

}  // namespace metlog
