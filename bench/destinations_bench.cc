// What a record costs the flusher by the number of its client's destinations: drained, encoded and
// put into the batch of each, which a sender discards. On one thread; the calls are not timed.
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "metlog/metlog.h"

namespace metlog {
namespace {

constexpr int kRecords = 1000;

/// `second` is the format of the second destination; empty for one destination only.
void WhatDoesARecordCostTheFlusher(benchmark::State& state, const char* second) {
  Engine::Parts parts;
  parts.threads = Engine::Threads::kNone;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  std::vector<ClientOutput> outputs{"null:?format=json"};
  if (*second != '\0') outputs.emplace_back(std::string("null:?format=") + second);
  Client log = engine.open(outputs).value();
  for (auto _ : state) {
    for (int i = 0; i < kRecords; ++i) {
      METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.25 * i,
                  "sixteen.letters.");
    }
    const auto begin = std::chrono::steady_clock::now();
    engine.step();
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  log.close(std::chrono::seconds(10));
  for (const ClientOutputStats& output : log.outputs()) {
    if (output.ledger.emitted != output.ledger.sent) state.SkipWithError("messages were lost");
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

BENCHMARK_CAPTURE(WhatDoesARecordCostTheFlusher, OneDestination, "")->UseManualTime();
BENCHMARK_CAPTURE(WhatDoesARecordCostTheFlusher, TwoOfOneFormat, "json")->UseManualTime();
BENCHMARK_CAPTURE(WhatDoesARecordCostTheFlusher, JsonAndText, "text")->UseManualTime();
BENCHMARK_CAPTURE(WhatDoesARecordCostTheFlusher, JsonAndPattern, "pattern")->UseManualTime();

}  // namespace
}  // namespace metlog
