// The cost of a call that emits nothing, or rarely; see loops.h for the method.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include "bench/bursts.h"
#include "bench/loops.h"

namespace metlog {
namespace {

template <class Call>
void time_quiet_calls(benchmark::State& state, const Client& client, int calls, Call call) {
  time_loops(state, calls, call);
  refuse_if_dropped(state, client.stats().lost.total());
}

Client open_quiet_client(Severity min_severity) {
  ClientOptions options;
  options.min_severity = min_severity;
  return open_null_client(options);
}

void WhatDoesALogCallDisabledAtRunTimeCost(benchmark::State& state) {
  Client log = open_quiet_client(Severity::kInfo);
  time_quiet_calls(state, log, kSilentLoopCalls, [&](int i) {
    METLOG_DEBUG(log, "request id={} latency={} user={}", i, 0.5 * i, "sixteen.letters.");
  });
}
void WhatDoesATimerDisabledAtRunTimeCost(benchmark::State& state) {
  Client log = open_quiet_client(Severity::kWarning);
  time_quiet_calls(state, log, kSilentLoopCalls, [&](int) { METLOG_TIMER(log, "db.query"); });
}
void WhatDoesACounterSampledAt1PercentCost(benchmark::State& state) {
  Client log = open_quiet_client(Severity::kInfo);
  time_quiet_calls(state, log, kSampledLoopCalls,
                   [&](int i) { METLOG_INCR(log, "bytes", i, rate(0.01)); });
}

METLOG_ROUNDS(WhatDoesALogCallDisabledAtRunTimeCost);
METLOG_ROUNDS(WhatDoesATimerDisabledAtRunTimeCost);
METLOG_ROUNDS(WhatDoesACounterSampledAt1PercentCost);

}  // namespace
}  // namespace metlog
