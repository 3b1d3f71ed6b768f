// The cost of a call that is switched off, by every door: a name, a severity, a filter, a rate, of
// macros and of functions; and of a timer that must check whether it is disabled. See loops.h and
// bursts.h for the methods.
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
void WhatDoesATimerByFunctionDisabledByAStarCost(benchmark::State& state) {
  Client log = open_client({"*"}, {});
  time_silent_calls(state, log, [&](int) { (void)log.timer("db.query"); });
}
void WhatDoesATimerSampledAtOneInABillionCost(benchmark::State& state) {
  Client log = open_client({}, {});
  time_silent_calls(state, log,
                    [&](int i) { METLOG_TIMER(log, "db.query", rate(1e-9), kv("i", i)); });
}

// Of the functions, whose names are known only at run time.
Client open_silent_client() { return open_client({}, {severity_max(4)}); }

void WhatDoesInfoOfTheFunctionsMaskedCost(benchmark::State& state) {
  Client log = open_silent_client();
  time_silent_calls(state, log, [&](int) { log.info("text"); });
}
void WhatDoesIncrOfTheFunctionsMaskedCost(benchmark::State& state) {
  Client log = open_silent_client();
  time_silent_calls(state, log, [&](int i) { log.incr("orders", i); });
}
void WhatDoesAnEventOfTheFunctionsMaskedCost(benchmark::State& state) {
  Client log = open_silent_client();
  time_silent_calls(state, log, [&](int i) {
    log.metlog("services", {.fields = {{"userid", i}, {"ms", 4.2}}}, "foo");
  });
}
void WhatDoesTimerSendOfTheFunctionsMaskedCost(benchmark::State& state) {
  Client log = open_silent_client();
  time_silent_calls(state, log, [&](int i) { log.timer_send("db.query", i); });
}
void WhatDoesATimerOfTheFunctionsMaskedCost(benchmark::State& state) {
  Client log = open_silent_client();
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
METLOG_ROUNDS(WhatDoesATimerByFunctionDisabledByAStarCost);
METLOG_ROUNDS(WhatDoesATimerSampledAtOneInABillionCost);
METLOG_ROUNDS(WhatDoesInfoOfTheFunctionsMaskedCost);
METLOG_ROUNDS(WhatDoesIncrOfTheFunctionsMaskedCost);
METLOG_ROUNDS(WhatDoesAnEventOfTheFunctionsMaskedCost);
METLOG_ROUNDS(WhatDoesTimerSendOfTheFunctionsMaskedCost);
METLOG_ROUNDS(WhatDoesATimerOfTheFunctionsMaskedCost);
METLOG_ROUNDS(WhatDoesALogCallMaskedByAFilterCost);
METLOG_ROUNDS(WhatDoesAnEventMaskedByItsTypeCost);
METLOG_ROUNDS(WhatDoesATimerCost);
METLOG_ROUNDS(WhatDoesATimerCostWhileAnotherIsDisabled);

}  // namespace
}  // namespace metlog
