#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/regime.h"

namespace metlog {

/// The figures of a benchmark's rounds, each with the regime in which it was taken.
class Rounds {
 public:
  /// Probes the distance of the cores; call it before the first figure of a round.
  void begin();
  /// Adds a figure of this round, such as "p50_ns".
  void add(const std::string& name, double value) { current_[name] = value; }
  /// Probes again, and files the round under the regime of both probes.
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

/// Reports an error instead of figures when calls were dropped.
void refuse_if_dropped(benchmark::State& state, std::uint64_t dropped);

}  // namespace metlog
