// The cost of a log call of three arguments when several threads call at once, with two cores for
// all of them and the flusher. Threads sleep between bursts, or they would wait for each other.
// PRODUCER_CPU pins the even threads, FLUSHER_CPU the odd ones and the flusher: set both or none.
#include <sys/prctl.h>

#include <thread>

#include "bench/bursts.h"

namespace metlog {
namespace {

void sleep_for(std::chrono::nanoseconds time) { std::this_thread::sleep_for(time); }

// One round of one thread.
std::vector<double> emit_bursts(Client& log, unsigned thread) {
  pin_thread(thread % 2 == 0 ? "PRODUCER_CPU" : "FLUSHER_CPU");
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);  // else a pause is 50 us longer
  auto call = [&log](int i) {
    METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.5 * i,
                "sixteen.letters.");
  };
  Pauses pauses(thread + 1);
  std::vector<double> values;
  for (int i = 0; i < kUntimedBursts + kBursts; ++i) {
    const double ns = burst_ns(call);
    if (i >= kUntimedBursts) values.push_back(ns);
    sleep_for(pauses.next());
  }
  return values;
}

void WhatDoesALogCallCostWithThreadsBesideIt(benchmark::State& state) {
  Client log = open_null_client({});
  benchmark::DoNotOptimize(ns_per_region_tick());
  const auto count = static_cast<unsigned>(state.range(0));
  Rounds rounds;
  for (auto _ : state) {
    rounds.begin();
    std::vector<std::vector<double>> of_thread(count);
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < count; ++t) {
      threads.emplace_back([&, t] { of_thread[t] = emit_bursts(log, t); });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<double> values;
    for (const auto& part : of_thread) values.insert(values.end(), part.begin(), part.end());
    rounds.add("p50_ns", quantile(values, 0.5));
    rounds.add("p99_ns", quantile(values, 0.99));
    rounds.end();
  }
  rounds.report(state);
  refuse_if_dropped(state, log.stats().lost.total());
}

METLOG_ROUNDS(WhatDoesALogCallCostWithThreadsBesideIt)->ArgName("threads")->Arg(1)->Arg(2)->Arg(4);

}  // namespace
}  // namespace metlog
