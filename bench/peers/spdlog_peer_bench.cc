// The questions of metlog's benchmarks for spdlog: a call of three arguments, a disabled one, and
// messages per second into a text file. The asynchronous logger loses nothing: it waits when its
// queue of 8,192 is full. PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "bench/bursts.h"
#include "bench/loops.h"
#include "bench/pin_thread.h"
#include "bench/scratch_file.h"

namespace metlog {
namespace {

using spdlog::logger;

constexpr int kMessages = 500'000;

// The logger with its thread; both end with the object.
class AsyncLogger {
 public:
  AsyncLogger() {
    pin_thread("FLUSHER_CPU");  // the pool's thread inherits it
    pool_ = std::make_shared<spdlog::details::thread_pool>(8192, 1);
    pin_thread("PRODUCER_CPU");
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file_.path(), true);
    logger_ = std::make_shared<spdlog::async_logger>("bench", std::move(sink), pool_,
                                                     spdlog::async_overflow_policy::block);
  }
  logger& operator*() { return *logger_; }
  // Ends the pool, whose thread first empties the queue.
  void drain() {
    logger_.reset();
    pool_.reset();
  }

 private:
  ScratchFile file_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

void emit(logger& log, int i) {
  SPDLOG_LOGGER_INFO(&log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i),
                     0.5 * i, "sixteen.letters.");
}

void WhatDoesASpdlogAsyncCallCost(benchmark::State& state) {
  AsyncLogger log;
  time_bursts(state, [&](int i) { emit(*log, i); });
}

void WhatDoesASpdlogCallDisabledAtRunTimeCost(benchmark::State& state) {
  AsyncLogger log;
  (*log).set_level(spdlog::level::warn);
  time_loops(state, kSilentLoopCalls, [&](int i) { emit(*log, i); });
}

void HowManySpdlogMessagesASecondReachATextFile(benchmark::State& state) {
  const bool async = state.range(0) != 0;
  Rounds rounds;
  for (auto _ : state) {
    rounds.begin();
    const std::uint64_t begin = region_begin();
    if (async) {
      AsyncLogger log;
      for (int i = 0; i < kMessages; ++i) emit(*log, i);
      log.drain();
    } else {
      const ScratchFile file;
      logger log("bench", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.path(), true));
      for (int i = 0; i < kMessages; ++i) emit(log, i);
      log.flush();
    }
    const double seconds = static_cast<double>(region_end() - begin) * ns_per_region_tick() * 1e-9;
    rounds.add("million_per_s", kMessages / seconds / 1e6);
    rounds.end();
  }
  rounds.report(state);
}

METLOG_ROUNDS(WhatDoesASpdlogAsyncCallCost);
METLOG_ROUNDS(WhatDoesASpdlogCallDisabledAtRunTimeCost);
METLOG_ROUNDS(HowManySpdlogMessagesASecondReachATextFile)->ArgName("async")->Arg(0)->Arg(1);

}  // namespace
}  // namespace metlog
