// The cost of a call of the function API for the calling thread, with names known only at run time.
// The method, and what is not measured, is that of call_site_bench.cc.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include <string>

#include "bench/bursts.h"

namespace metlog {
namespace {

// Eight names in turn, so that nothing about a name is cached from the previous call.
const std::string& name_at_run_time(int i) {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (int n = 0; n < 8; ++n) made.push_back(std::string("orders.").append(std::to_string(n)));
    return made;
  }();
  return names[static_cast<std::size_t>(i) % names.size()];
}

void WhatDoesInfoOfTheFunctionsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) { log.info(name_at_run_time(i)); });
}
void WhatDoesIncrOfTheFunctionsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) { log.incr(name_at_run_time(i)); });
}
void WhatDoesTimerSendOfTheFunctionsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) { log.timer_send(name_at_run_time(i), i); });
}
void WhatDoesAnEventOfTheFunctionsWithTwoFieldsCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) {
    log.metlog(name_at_run_time(i), {.fields = {{"userid", i}, {"ms", 4.2}}}, "foo");
  });
}

METLOG_ROUNDS(WhatDoesInfoOfTheFunctionsCost);
METLOG_ROUNDS(WhatDoesIncrOfTheFunctionsCost);
METLOG_ROUNDS(WhatDoesTimerSendOfTheFunctionsCost);
METLOG_ROUNDS(WhatDoesAnEventOfTheFunctionsWithTwoFieldsCost);

}  // namespace
}  // namespace metlog
