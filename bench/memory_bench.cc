// The memory of a program that logs at full speed: one thread, default rings, 2 million messages of
// three arguments to a file. peak_rss_mb is that of the whole process, the benchmark library (about
// 2 MB) included. A separate program, because a peak never goes down.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include <benchmark/benchmark.h>

#include <chrono>
#include <fstream>
#include <string>

#include "bench/bench_client.h"
#include "bench/scratch_file.h"

namespace metlog {
namespace {

constexpr int kMessages = 2'000'000;

// Not getrusage(), which reports the peak of the parent process when that is larger.
double peak_rss_mb() {
  std::ifstream status("/proc/self/status");
  const std::string wanted = "VmHWM:";
  std::string word;
  while (status >> word) {
    double kib = 0;
    if (word == wanted && status >> kib) return kib / 1024;
  }
  return 0;
}

void HowMuchMemoryDo2MillionMessagesTake(benchmark::State& state) {
  const ScratchFile file;
  Client log = open_pinned([&] {
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    return open_or_exit(std::string("file://").append(file.path()), options);
  });
  state.counters["before_mb"] = peak_rss_mb();
  for (auto _ : state) {
    for (int i = 0; i < kMessages; ++i) {
      METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.25 * i,
                  "sixteen.letters.");
    }
    if (!log.flush(std::chrono::seconds(60))) state.SkipWithError("not flushed in 60 s");
  }
  const Ledger ledger = log.stats();
  if (ledger.emitted != ledger.sent) state.SkipWithError("messages were lost");
  state.counters["peak_rss_mb"] = peak_rss_mb();
  state.SetItemsProcessed(static_cast<std::int64_t>(ledger.sent));
}

BENCHMARK(HowMuchMemoryDo2MillionMessagesTake)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace metlog
