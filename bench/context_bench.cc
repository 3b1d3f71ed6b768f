// The cost of a thread's context: of its scopes, of the call after a change, of a call in a lasting
// one; and for the flusher, of a message with three fields of context and of one without. The first
// four use the method of call_site_bench.cc. PRODUCER_CPU and FLUSHER_CPU pin the threads: set both
// or none.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/bursts.h"
#include "metlog/context.h"
#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/context/thread_context.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {
namespace {

constexpr std::string_view kTenant = "shop";

void WhatDoesACallWithoutAContextCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) { METLOG_INFO(log, "request {}", i); });
}
void WhatDoesACallInAContextCost(benchmark::State& state) {
  Client log = open_null_client({});
  const ScopedContext scope({{"request_id", 4711}, {"tenant", kTenant}});
  time_bursts(state, log, [&](int i) { METLOG_INFO(log, "request {}", i); });
}
void WhatDoesAScopeCostThatNobodyLogsIn(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) {
    const ScopedContext scope({{"request_id", i}, {"tenant", kTenant}});
  });
}
void WhatDoAScopeAndACallInItCost(benchmark::State& state) {
  Client log = open_null_client({});
  time_bursts(state, log, [&](int i) {
    const ScopedContext scope({{"request_id", i}, {"tenant", kTenant}});
    METLOG_INFO(log, "request {}", i);
  });
}

METLOG_ROUNDS(WhatDoesACallWithoutAContextCost);
METLOG_ROUNDS(WhatDoesACallInAContextCost);
METLOG_ROUNDS(WhatDoesAScopeCostThatNobodyLogsIn);
METLOG_ROUNDS(WhatDoAScopeAndACallInItCost);

struct Message {
  static constexpr SiteText text() {
    return {SiteKind::kLog, Severity::kInfo, "a text of some length", "bench.cc", "", 1};
  }
};

// Fields of context: 0 or 3.
void WhatDoesAnEnvelopeCost(benchmark::State& state) {
  SiteLayouts layouts;
  EnvelopeEncoder encoder({4242, "host.example"});
  encoder.set_client(0, {"logger", 6});
  const std::uint32_t id =
      register_site(TypedSite<Message>::kSite, SiteOf<Message>::gate, &g_this_library);
  const ClockLine clock{0, 0, 1};
  ContextText context;
  if (state.range(0) != 0) {
    const ScopedContext scope({{"request_id", 4711}, {"tenant", kTenant}, {"step", "payment"}});
    const std::string_view bytes = thread_context()->bytes();
    render_context(context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  const unsigned char no_args[1] = {};
  const RecordView record{layouts.find(id), no_args, 0, 1, &clock, &context, context.bytes};
  std::vector<char> out(encoder.bound(record, 0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(encoder.bound(record, 0));
    benchmark::DoNotOptimize(encoder.encode(out.data(), record, 0));
  }
}
BENCHMARK(WhatDoesAnEnvelopeCost)->ArgName("fields")->Arg(0)->Arg(3);

void WhatDoesAChangeCostTheFlusher(benchmark::State& state) {
  const ScopedContext scope({{"request_id", 4711}, {"tenant", kTenant}, {"step", "payment"}});
  const std::string_view bytes = thread_context()->bytes();
  ContextText context;
  for (auto _ : state) {
    render_context(context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    benchmark::DoNotOptimize(context.bytes);
  }
}
BENCHMARK(WhatDoesAChangeCostTheFlusher);

}  // namespace
}  // namespace metlog
