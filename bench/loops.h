#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>

#include "bench/rounds.h"
#include "bench/timed_region.h"

namespace metlog {

// The method for calls of about a nanosecond: loops of 2 million calls, minus an empty loop of the
// same round. The noise is about 0.2 ns. Where one call in a hundred emits, loops of 100,000: their
// messages fit in a ring, because no flusher keeps up with a loop that does nothing else.

inline constexpr int kSilentLoopCalls = 2'000'000;
inline constexpr int kSampledLoopCalls = 100'000;

/// Times one loop: ns per call, the loop included.
template <class Call>
double loop_ns(int calls, Call call) {
  const std::uint64_t begin = region_begin();
  for (int i = 0; i < calls; ++i) {
    int number = i;
    // In a register: with g++, DoNotOptimize() goes through memory, which costs more than such a
    // call.
    asm volatile("" : "+r"(number) : : "memory");
    call(number);
  }
  return static_cast<double>(region_end() - begin) * ns_per_region_tick() / calls;
}

/// Runs `call(i)` in loops and reports `ns` per call.
template <class Call>
void time_loops(benchmark::State& state, int calls, Call call) {
  Rounds rounds;
  for (auto _ : state) {
    rounds.begin();
    const double empty_ns = loop_ns(calls, [](int) {});
    work_for(std::chrono::milliseconds(2));  // the flusher has emptied the ring by then
    rounds.add("ns", loop_ns(calls, call) - empty_ns);
    rounds.end();
  }
  rounds.report(state);
}

}  // namespace metlog
