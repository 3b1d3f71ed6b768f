// What one call costs the calling thread, beside the engine's flusher, which looks every 100 us.
// A burst is timed as a whole; s_per_call is the mean, p50_ns and p99_ns are of the bursts. Between
// bursts the ring is emptied, untimed. Not measured: a thread's first call; encoding and sending,
// except for the cache lines that they take away. A run that dropped anything is an error.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "bench/bench_client.h"
#include "metlog/emit/ring_set.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr int kBurst = 500;  // of two cells each: a quarter of the ring
constexpr int kBursts = 1000;

// Until the ring is empty, and then for one of ten parts of the flusher's sleep, so that bursts
// begin at every phase of it.
void wait_for_the_flusher(std::int64_t burst) {
  const RingPositions& positions = t_producer->ring->memory->header().positions;
  // acquire: pairs with release_space(), as try_make_room() does
  while (positions.read_pos.load(Order::kAcquire) != t_producer->writer.pos()) {
    benchmark::ClobberMemory();
  }
  const auto until = steady_clock::now() + std::chrono::microseconds(burst % 10 * 10);
  while (steady_clock::now() < until) benchmark::ClobberMemory();
}

double at_share(std::vector<double>& values, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                   values.end());
  return values[index];
}

template <class Call>
void time_bursts(benchmark::State& state, Call call, Severity min_severity = Severity::kInfo) {
  ClientOptions options;
  options.min_severity = min_severity;
  Client log = open_null_client(options);
  call(log, 0);
  std::vector<double> burst_ns;
  for (auto _ : state) {
    wait_for_the_flusher(static_cast<std::int64_t>(burst_ns.size()));
    const auto begin = steady_clock::now();
    for (int i = 0; i < kBurst; ++i) call(log, i);
    const std::chrono::duration<double> taken = steady_clock::now() - begin;
    state.SetIterationTime(taken.count());
    burst_ns.push_back(taken.count() * 1e9 / kBurst);
  }
  log.flush(std::chrono::seconds(10));
  const std::uint64_t dropped = log.stats().lost.total();
  state.counters["s_per_call"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kBurst,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["p50_ns"] = at_share(burst_ns, 0.5);
  state.counters["p99_ns"] = at_share(burst_ns, 0.99);
  state.counters["dropped"] = static_cast<double>(dropped);
  if (dropped != 0) state.SkipWithError("calls were dropped: the figures are of a full ring");
}

const std::string k16Characters(16, 'x');
const std::string k50Characters(50, 'x');

void WhatDoesALogCallWithoutArgumentsCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { METLOG_INFO(log, "nothing to say"); });
}
void WhatDoesALogCallWithANumberARealAnd16CharactersCost(benchmark::State& state) {
  time_bursts(state, [user = k16Characters.c_str()](Client& log, int i) {
    METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.5 * i,
                user);
  });
}
void WhatDoesALogCallWith16CharactersCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { METLOG_INFO(log, "user={}", k16Characters); });
}
void WhatDoesALogCallWith50CharactersInTwoCellsCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { METLOG_INFO(log, "user={}", k50Characters); });
}
void WhatDoesALogCallWithTwoFieldsCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int i) {
    METLOG_INFO(log, "slow query", kv("table", i), kv("ms", 41.5));
  });
}
void WhatDoesACounterCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { METLOG_INCR(log, "orders"); });
}
void WhatDoesACounterSampledAt1PercentCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int i) { METLOG_INCR(log, "bytes", i, rate(0.01)); });
}
void WhatDoesATimerCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { METLOG_TIMER(log, "db.query"); });
}
void WhatDoesAnEventWithTwoFieldsCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int i) {
    METLOG_EVENT(log, "services", payload("foo"), kv("userid", i), kv("ms", 4.2));
  });
}
void WhatDoesALogCallDisabledAtRunTimeCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int i) { METLOG_DEBUG(log, "request id={}", i); });
}
void WhatDoesATimerDisabledAtRunTimeCost(benchmark::State& state) {
  time_bursts(
      state, [](Client& log, int) { METLOG_TIMER(log, "db.query"); }, Severity::kWarning);
}
void WhatDoesInfoOfTheFunctionsCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { log.info("sixteen letters."); });
}
void WhatDoesIncrOfTheFunctionsCost(benchmark::State& state) {
  time_bursts(state, [](Client& log, int) { log.incr("orders"); });
}

#define METLOG_BURSTS(name) BENCHMARK(name)->UseManualTime()->Iterations(kBursts)
METLOG_BURSTS(WhatDoesALogCallWithoutArgumentsCost);
METLOG_BURSTS(WhatDoesALogCallWithANumberARealAnd16CharactersCost);
METLOG_BURSTS(WhatDoesALogCallWith16CharactersCost);
METLOG_BURSTS(WhatDoesALogCallWith50CharactersInTwoCellsCost);
METLOG_BURSTS(WhatDoesALogCallWithTwoFieldsCost);
METLOG_BURSTS(WhatDoesACounterCost);
METLOG_BURSTS(WhatDoesACounterSampledAt1PercentCost);
METLOG_BURSTS(WhatDoesATimerCost);
METLOG_BURSTS(WhatDoesAnEventWithTwoFieldsCost);
METLOG_BURSTS(WhatDoesALogCallDisabledAtRunTimeCost);
METLOG_BURSTS(WhatDoesATimerDisabledAtRunTimeCost);
METLOG_BURSTS(WhatDoesInfoOfTheFunctionsCost);
METLOG_BURSTS(WhatDoesIncrOfTheFunctionsCost);

}  // namespace
}  // namespace metlog
