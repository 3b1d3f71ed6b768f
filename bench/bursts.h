#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include "bench/bench_client.h"
#include "bench/rounds.h"
#include "bench/spread.h"
#include "bench/timed_region.h"

namespace metlog {

// The method of all latency figures: bursts of 20 calls, 50 to 100 us of other work between them,
// so that they meet the flusher at every phase of its sleep; 200 bursts per round, after 20
// untimed.

inline constexpr int kRounds = 10;
inline constexpr int kBursts = 200;
inline constexpr int kUntimedBursts = 20;
inline constexpr int kCallsPerBurst = 20;

/// The pauses between bursts; the same in every run.
class Pauses {
 public:
  explicit Pauses(unsigned seed = 1) : random_(seed) {}
  [[nodiscard]] std::chrono::nanoseconds next() {
    return std::chrono::nanoseconds(50'000 + static_cast<int>(random_() % 50'001));
  }

 private:
  std::minstd_rand random_;
};

/// One burst as a whole: ns per call.
template <class Call>
double burst_ns(Call& call) {
  const std::uint64_t begin = region_begin();
  for (int i = 0; i < kCallsPerBurst; ++i) call(i);
  const std::uint64_t ticks = region_end() - begin;
  return static_cast<double>(ticks) * ns_per_region_tick() / kCallsPerBurst;
}

/// Times each call of a burst alone, the cost of an empty region included.
template <class Call>
void time_each_call(Call& call, std::vector<double>& call_ns) {
  for (int i = 0; i < kCallsPerBurst; ++i) {
    const std::uint64_t begin = region_begin();
    call(i);
    const std::uint64_t ticks = region_end() - begin;
    call_ns.push_back(static_cast<double>(ticks) * ns_per_region_tick());
  }
}

/// The untimed bursts that begin a round.
template <class Call>
void warm_up(Call& call, Pauses& pauses) {
  for (int i = 0; i < kUntimedBursts; ++i) {
    benchmark::DoNotOptimize(burst_ns(call));
    work_for(pauses.next());
  }
}

/// Runs `call(i)` in bursts and reports p50_ns and p99_ns of them.
template <class Call>
void time_bursts(benchmark::State& state, Call call) {
  Rounds rounds;
  Pauses pauses;
  for (auto _ : state) {
    rounds.begin();
    warm_up(call, pauses);
    std::vector<double> values;
    for (int i = 0; i < kBursts; ++i) {
      values.push_back(burst_ns(call));
      work_for(pauses.next());
    }
    rounds.add("p50_ns", quantile(values, 0.5));
    rounds.add("p99_ns", quantile(values, 0.99));
    rounds.end();
  }
  rounds.report(state);
}

/// Times calls of metlog like the function above; refuses to report when any was dropped.
template <class Call>
void time_bursts(benchmark::State& state, const Client& client, Call call) {
  time_bursts(state, call);
  refuse_if_dropped(state, client.stats().lost.total());
}

}  // namespace metlog

/// Registers a benchmark that counts its own rounds.
#define METLOG_ROUNDS(function) \
  BENCHMARK(function)->Iterations(metlog::kRounds)->Unit(benchmark::kMillisecond)
