// Messages per second from the call through the ring, the JSON envelope (text:0) or text line
// (text:1) and the batch to a sender that discards them and counts their bytes. Producers wait when
// their ring is full, so nothing is lost; the time runs until the last message is sent. Not
// measured: a destination. PRODUCER_CPU (the main thread's and one producer's) and FLUSHER_CPU pin:
// set both or none.
#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_client.h"

namespace metlog {
namespace {

constexpr int kMessages = 200'000;

class CountingSender final : public Sender {
 public:
  explicit CountingSender(std::atomic<std::int64_t>& bytes) : bytes_(bytes) {}

  SendResult send(Batch& batch) override {
    // relaxed: read after flush(), which orders it
    bytes_.fetch_add(static_cast<std::int64_t>(batch.remaining_bytes().size()),
                     std::memory_order_relaxed);
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "counting:"; }

 private:
  std::atomic<std::int64_t>& bytes_;
};

struct SendLog {
  void operator()(Client& log, int i) const {
    METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.25 * i,
                "sixteen.letters.");
  }
};
struct SendCounter {
  void operator()(Client& log, int) const { METLOG_INCR(log, "orders"); }
};

template <class Send>
void HowManyMessagesASecond(benchmark::State& state, Send send) {
  std::atomic<std::int64_t> bytes{0};
  Client log = open_pinned([&] {
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    options.format = static_cast<MessageFormat>(state.range(1));
    return *Engine::instance().open(std::make_unique<CountingSender>(bytes), options);
  });
  const auto producers = static_cast<int>(state.range(0));
  for (auto _ : state) {
    std::vector<std::thread> threads;
    const auto produce = [&] {
      for (int i = 0; i < kMessages / producers; ++i) send(log, i);
    };
    for (int t = 1; t < producers; ++t) threads.emplace_back(produce);
    produce();
    for (std::thread& thread : threads) thread.join();
    if (!log.flush(std::chrono::seconds(30))) state.SkipWithError("not flushed in 30 s");
  }
  const Ledger ledger = log.stats();
  if (ledger.emitted != ledger.sent) state.SkipWithError("messages were lost");
  state.SetItemsProcessed(static_cast<std::int64_t>(ledger.sent));
  state.SetBytesProcessed(bytes.load(std::memory_order_relaxed));  // relaxed: after flush()
}

BENCHMARK_CAPTURE(HowManyMessagesASecond, LogsWithThreeArguments, SendLog{})
    ->ArgNames({"producers", "text"})
    ->ArgsProduct({{1, 4}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(HowManyMessagesASecond, Counters, SendCounter{})
    ->ArgNames({"producers", "text"})
    ->ArgsProduct({{1, 4}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace metlog
