// The cost of the ring alone: a cell reserved, filled with three words, published. A burst is timed
// as a whole. Not measured: draining, which is outside of the timed region except where a name says
// "pass"; formatting; a thread's first call.
// PRODUCER_CPU and FLUSHER_CPU pin the two threads.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "bench/pin_thread.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/ring/ring_writer.h"

namespace metlog {
namespace {

constexpr unsigned kCellsLog2 = 12;  // 256 KiB, the default of the engine
constexpr std::uint64_t kBurst = 1024;

enum class Stamp { kTicks, kNone };
enum class Look { kEvery100Us, kSpinning };

struct BenchRing {
  BenchRing()
      : cells(std::size_t{1} << kCellsLog2), reader(cells.data(), kCellsLog2, &positions, 0) {
    reader.serve(&freed);
    writer.attach(cells.data(), kCellsLog2, &positions, &freed, 0);
  }

  std::vector<Cell> cells;
  RingPositions positions{};
  PlainAtomic<std::uint64_t> freed{};
  RingWriter writer;
  RingReader reader;
};

// Takes what there is; returns the sum of what it read, so that nothing is optimised away.
std::uint64_t drain(RingReader& reader) {
  std::uint64_t sum = 0;
  while (const std::uint64_t head = reader.peek()) {
    sum += reader.cell(0).stamp + reader.cell(0).args[0];
    reader.advance(RecordHeader::unpack(head).cells);
  }
  reader.release_space();
  return sum;
}

// The flusher's part, on its own thread while the object exists.
class Drainer {
 public:
  Drainer(RingReader& reader, Look look) : thread_([this, &reader, look] { run(reader, look); }) {}
  ~Drainer() {
    stopped_.store(true, std::memory_order_relaxed);  // relaxed: join() orders the rest
    thread_.join();
  }
  Drainer(const Drainer&) = delete;
  Drainer& operator=(const Drainer&) = delete;

 private:
  void run(RingReader& reader, Look look) {
    pin_thread("FLUSHER_CPU");
    while (!stopped_.load(std::memory_order_relaxed)) {  // relaxed: nothing depends on it
      benchmark::DoNotOptimize(drain(reader));
      if (look == Look::kEvery100Us) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

template <Stamp kStamp>
bool try_emit(RingWriter& writer, std::uint64_t number) {
  Cell* cell = writer.try_reserve_cell(Priority::kHigh);
  const bool is_open = cell != nullptr;
  if (!is_open) {
    if (!writer.try_make_room(1, Priority::kHigh)) return false;
    cell = &writer.cell_at(writer.pos());
  }
  cell->stamp = kStamp == Stamp::kTicks ? ticks() : number;
  std::memcpy(cell->args, &number, sizeof number);
  std::memcpy(cell->args + 8, &number, sizeof number);
  if (is_open) {
    writer.publish_cell(cell, pack_header(1, 0, 7));
  } else {
    writer.commit(1, pack_header(1, 0, 7));
  }
  return true;
}

template <Stamp kStamp>
double seconds_of_a_burst(RingWriter& writer) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < kBurst; ++i) {
    if (!try_emit<kStamp>(writer, i)) std::abort();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void count_records(benchmark::State& state, std::int64_t records) {
  state.SetItemsProcessed(records);
  state.counters["s_per_record"] = benchmark::Counter(
      static_cast<double>(records), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <Stamp kStamp>
void WhatDoesACellCostWithoutAnotherThread(benchmark::State& state) {
  pin_thread("PRODUCER_CPU");
  BenchRing ring;
  for (auto _ : state) {
    state.SetIterationTime(seconds_of_a_burst<kStamp>(ring.writer));
    benchmark::DoNotOptimize(drain(ring.reader));
  }
  count_records(state, state.iterations() * std::int64_t{kBurst});
}

template <Stamp kStamp, Look kPoll>
void WhatDoesACellCostBesideAFlusher(benchmark::State& state) {
  pin_thread("PRODUCER_CPU");
  BenchRing ring;
  const Drainer drainer(ring.reader, kPoll);
  for (auto _ : state) {
    while (!ring.writer.try_make_room(ring.writer.capacity() - 1, Priority::kHigh)) {
      std::this_thread::yield();
    }
    state.SetIterationTime(seconds_of_a_burst<kStamp>(ring.writer));
  }
  count_records(state, state.iterations() * std::int64_t{kBurst});
}

template <Stamp kStamp>
void HowFastDoCellsPassFromThreadToThread(benchmark::State& state) {
  pin_thread("PRODUCER_CPU");
  BenchRing ring;
  const Drainer drainer(ring.reader, Look::kSpinning);
  std::uint64_t number = 0;
  for (auto _ : state) {
    while (!try_emit<kStamp>(ring.writer, number)) std::this_thread::yield();
    ++number;
  }
  count_records(state, state.iterations());
}

BENCHMARK_TEMPLATE(WhatDoesACellCostWithoutAnotherThread, Stamp::kTicks)->UseManualTime();
BENCHMARK_TEMPLATE(WhatDoesACellCostWithoutAnotherThread, Stamp::kNone)->UseManualTime();
BENCHMARK_TEMPLATE(WhatDoesACellCostBesideAFlusher, Stamp::kTicks, Look::kEvery100Us)
    ->UseManualTime()
    ->Iterations(5000);
BENCHMARK_TEMPLATE(WhatDoesACellCostBesideAFlusher, Stamp::kNone, Look::kEvery100Us)
    ->UseManualTime()
    ->Iterations(5000);
BENCHMARK_TEMPLATE(WhatDoesACellCostBesideAFlusher, Stamp::kTicks, Look::kSpinning)
    ->UseManualTime();
BENCHMARK_TEMPLATE(WhatDoesACellCostBesideAFlusher, Stamp::kNone, Look::kSpinning)->UseManualTime();
BENCHMARK_TEMPLATE(HowFastDoCellsPassFromThreadToThread, Stamp::kTicks)->UseRealTime();
BENCHMARK_TEMPLATE(HowFastDoCellsPassFromThreadToThread, Stamp::kNone)->UseRealTime();

}  // namespace
}  // namespace metlog
