// The questions of call_site_bench.cc for LTTng-UST: a tracepoint of three arguments, and one that
// no session enables. The first needs a session, outside of this program:
//   lttng create bench && lttng enable-event -u 'metlog_bench:*' && lttng start
//   build/bin/lttng_ust_peer_bench; lttng destroy bench
// The disabled one is measured without a session. PRODUCER_CPU pins the thread.
#define LTTNG_UST_TRACEPOINT_DEFINE
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#include "bench/peers/lttng_ust_events.def"

#include "bench/bursts.h"
#include "bench/loops.h"
#include "bench/pin_thread.h"

namespace metlog {
namespace {

void emit(int i) {
  lttng_ust_tracepoint(metlog_bench, request, static_cast<unsigned long>(i), 0.5 * i,
                       "sixteen.letters.");
}

bool is_enabled() { return lttng_ust_tracepoint_enabled(metlog_bench, request) != 0; }

void WhatDoesAnLttngUstCallCost(benchmark::State& state) {
  if (!is_enabled()) {
    state.SkipWithError("no session records metlog_bench:request; see the head of this file");
    return;
  }
  pin_thread("PRODUCER_CPU");
  time_bursts(state, emit);
}

void WhatDoesAnLttngUstCallWithoutASessionCost(benchmark::State& state) {
  if (is_enabled()) {
    state.SkipWithError("a session records metlog_bench:request; end it for this one");
    return;
  }
  pin_thread("PRODUCER_CPU");
  time_loops(state, kSilentLoopCalls, emit);
}

METLOG_ROUNDS(WhatDoesAnLttngUstCallCost);
METLOG_ROUNDS(WhatDoesAnLttngUstCallWithoutASessionCost);

}  // namespace
}  // namespace metlog
