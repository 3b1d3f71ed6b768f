// The cost of one macro call for the calling thread, next to the engine's flusher, which polls
// every 100 us: bursts of 20 calls, see bursts.h. Not measured: a thread's first call; encoding and
// sending, except for the cache lines that they evict. A run that dropped anything is an error.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include <string>
#include <vector>

#include "bench/bursts.h"

namespace metlog {
namespace {

const std::string k16Characters(16, 'x');
const std::string k50Characters(50, 'x');
const std::vector<std::string> k16Strings(16, "workload-string.");

void WhatDoesALogCallWithoutArgumentsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int) { METLOG_INFO(log, "nothing to say"); });
}
void WhatDoesALogCallWithANumberARealAnd16CharactersCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&, user = k16Characters.c_str()](int i) {
    METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.5 * i,
                user);
  });
}
void WhatDoesALogCallWith16CharactersCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int) { METLOG_INFO(log, "user={}", k16Characters); });
}
void WhatDoesALogCallWith50CharactersInTwoCellsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int) { METLOG_INFO(log, "user={}", k50Characters); });
}
void WhatDoesALogCallWithAVectorOf16StringsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int) { METLOG_INFO(log, "workloads={}", k16Strings); });
}
void WhatDoesALogCallWithTwoFieldsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log,
              [&](int i) { METLOG_INFO(log, "slow query", kv("table", i), kv("ms", 41.5)); });
}
void WhatDoesACounterCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int) { METLOG_INCR(log, "orders"); });
}
void WhatDoesATimerCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int) { METLOG_TIMER(log, "db.query"); });
}
void WhatDoesAnEventWithTwoFieldsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) {
    METLOG_EVENT(log, "services", payload("foo"), kv("userid", i), kv("ms", 4.2));
  });
}

METLOG_ROUNDS(WhatDoesALogCallWithoutArgumentsCost);
METLOG_ROUNDS(WhatDoesALogCallWithANumberARealAnd16CharactersCost);
METLOG_ROUNDS(WhatDoesALogCallWith16CharactersCost);
METLOG_ROUNDS(WhatDoesALogCallWith50CharactersInTwoCellsCost);
METLOG_ROUNDS(WhatDoesALogCallWithAVectorOf16StringsCost);
METLOG_ROUNDS(WhatDoesALogCallWithTwoFieldsCost);
METLOG_ROUNDS(WhatDoesACounterCost);
METLOG_ROUNDS(WhatDoesATimerCost);
METLOG_ROUNDS(WhatDoesAnEventWithTwoFieldsCost);

}  // namespace
}  // namespace metlog
