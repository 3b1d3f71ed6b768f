// The cost of a call that a disabled name or a filter stops at the call site, and of a timer that
// must check whether it is disabled; see loops.h and bursts.h for the methods.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include "bench/bursts.h"
#include "bench/loops.h"

namespace metlog {
namespace {

Client open_client(std::vector<std::string> disabled_timers, std::vector<Filter> filters) {
  ClientOptions options;
  options.disabled_timers = std::move(disabled_timers);
  options.filters = std::move(filters);
  return open_null_client(options);
}

template <class Call>
void time_silent_calls(benchmark::State& state, const Client& client, Call call) {
  time_loops(state, kSilentLoopCalls, call);
  refuse_if_dropped(state, client.stats().emitted);
}

void WhatDoesATimerDisabledByItsNameCost(benchmark::State& state) {
  Client log = open_client({"db.query"}, {});
  time_silent_calls(state, log, [&](int) { METLOG_TIMER(log, "db.query"); });
}
void WhatDoesATimerDisabledByAStarCost(benchmark::State& state) {
  Client log = open_client({"*"}, {});
  time_silent_calls(state, log, [&](int) { METLOG_TIMER(log, "db.query"); });
}
void WhatDoesATimerByFunctionDisabledByItsNameCost(benchmark::State& state) {
  Client log = open_client({"db.query"}, {});
  time_silent_calls(state, log, [&](int) { (void)log.timer("db.query"); });
}
void WhatDoesALogCallMaskedByAFilterCost(benchmark::State& state) {
  Client log = open_client({}, {severity_max(4)});
  time_silent_calls(state, log, [&](int i) {
    METLOG_INFO(log, "request id={} latency={} user={}", i, 0.5 * i, "sixteen.letters.");
  });
}
void WhatDoesAnEventMaskedByItsTypeCost(benchmark::State& state) {
  Client log = open_client({}, {type_blacklist({"services"})});
  time_silent_calls(state, log,
                    [&](int i) { METLOG_EVENT(log, "services", payload("foo"), kv("id", i)); });
}
void WhatDoesATimerCost(benchmark::State& state) {
  Client log = open_client({}, {});
  time_bursts(state, log, [&](int) { METLOG_TIMER(log, "db.query"); });
}
void WhatDoesATimerCostWhileAnotherIsDisabled(benchmark::State& state) {
  Client log = open_client({"another"}, {});
  time_bursts(state, log, [&](int) { METLOG_TIMER(log, "db.query"); });
}

METLOG_ROUNDS(WhatDoesATimerDisabledByItsNameCost);
METLOG_ROUNDS(WhatDoesATimerDisabledByAStarCost);
METLOG_ROUNDS(WhatDoesATimerByFunctionDisabledByItsNameCost);
METLOG_ROUNDS(WhatDoesALogCallMaskedByAFilterCost);
METLOG_ROUNDS(WhatDoesAnEventMaskedByItsTypeCost);
METLOG_ROUNDS(WhatDoesATimerCost);
METLOG_ROUNDS(WhatDoesATimerCostWhileAnotherIsDisabled);

}  // namespace
}  // namespace metlog
