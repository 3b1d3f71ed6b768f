// The cost of a message in each format (the numbers of MessageFormat: 0 json, 1 text, 4 pattern
// with time, level, logger, thread, call site and text, 5 logfmt, 6 ecs, 7 gelf, 8 otel, 9 syslog,
// 10 journal) by its kind, with warm caches. The records are those of real calls. Not measured:
// fetching them from a ring that another thread wrote, batching, sending.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "metlog/formatter.h"
#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/layout_encoder.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/ring/record_bytes.h"
#include "metlog/log.h"

namespace metlog {
namespace {

constexpr unsigned kCellsLog2 = 8;

struct GateOnly {
  const ClientGate& gate() const { return gate_; }
  ClientGate gate_{};
};

// The record that one call writes, taken from a separate ring.
class CallRecord {
 public:
  template <class Call>
  explicit CallRecord(Call call)
      : cells_(std::size_t{1} << kCellsLog2), bytes_(record_capacity(kMaxRecordCells)) {
    RingPositions positions{};
    PlainAtomic<std::uint64_t> freed{};
    RingReader reader(cells_.data(), kCellsLog2, &positions, 0);
    reader.serve(&freed);
    const auto producer = std::make_unique<Producer>();
    producer->writer.attach(cells_.data(), kCellsLog2, &positions, &freed, 0);
    producer->writer.try_make_room(1, Priority::kHigh);
    Producer* const own = t_producer;
    t_producer = producer.get();
    call(GateOnly{});
    t_producer = own;
    const std::uint64_t word = reader.peek();
    if (word == 0) std::abort();
    const RecordHeader head = RecordHeader::unpack(word);
    view_ = {layouts_.find(head.site), gather_record(reader, head.cells, bytes_.data()),
             record_capacity(head.cells), 1'358'512'496'789'012'345, &clock_};
  }

  [[nodiscard]] const RecordView& view() const { return view_; }

 private:
  std::vector<Cell> cells_;
  std::vector<unsigned char> bytes_;
  SiteLayouts layouts_;
  ClockLine clock_{0, 0, std::uint64_t{1} << 32};
  RecordView view_{};
};

std::unique_ptr<Encoder> make_encoder(MessageFormat format) {
  const ProcessText process{4711, "host.example.com", "bench"};
  if (has_layout(format)) return std::make_unique<LayoutEncoder>(process);
  if (format == MessageFormat::kText) return std::make_unique<TextEncoder>();
  return std::make_unique<EnvelopeEncoder>(process);
}

std::shared_ptr<const Layout> layout_for(MessageFormat format) {
  FormatOptions options;
  if (format == MessageFormat::kPattern) {
    options.pattern = "%Y-%m-%d %H:%M:%S.%f %l %n [%t] %s:%# %v";
  }
  return make_layout(format, options).value();
}

void encode(benchmark::State& state, const CallRecord& record) {
  const auto format = static_cast<MessageFormat>(state.range(0));
  const std::unique_ptr<Encoder> made = make_encoder(format);
  Encoder& encoder = *made;
  ClientText client{"bench"};
  client.layout = layout_for(format);
  encoder.set_client(0, client);
  RecordView view = record.view();
  const ThreadText thread{4711, "bench", 1};
  view.thread = &thread;
  std::string out(encoder.bound(view, 0), '\0');
  std::int64_t bytes = 0;
  for (auto _ : state) {
    view.utc_ns += 200;
    benchmark::DoNotOptimize(encoder.bound(view, 0));
    bytes += encoder.encode(out.data(), view, 0) - out.data();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(bytes);
}

void WhatDoesALogWithoutArgumentsCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) { METLOG_INFO(log, "nothing to say"); }));
}
void WhatDoesALogWithANumberARealAnd16CharactersCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) {
           METLOG_INFO(log, "request id={} latency={} user={}", std::uint64_t{471'112}, 0.004213,
                       "sixteen.letters.");
         }));
}
void WhatDoesALogWithARealOf17DigitsCost(benchmark::State& state) {
  encode(state,
         CallRecord([](const auto& log) { METLOG_INFO(log, "latency={}", 0.30000000000000004); }));
}
void WhatDoesALogWith250CharactersCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) { METLOG_INFO(log, "{}", std::string(250, 'x')); }));
}
void WhatDoesALogWithTwoFieldsCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) {
           METLOG_WARN(log, "slow query", kv("table", "orders"), kv("ms", 41.5));
         }));
}
void WhatDoesALogWithAVectorOfEightNumbersCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) {
           METLOG_INFO(log, "ids={}", std::vector<int>{1, 22, 333, 4444, 55555, 666666, 7, 88});
         }));
}
void WhatDoesACounterCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) { METLOG_INCR(log, "orders"); }));
}
void WhatDoesATimerCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) { METLOG_TIMER(log, "db.query"); }));
}
void WhatDoesAnEventWithTwoFieldsCost(benchmark::State& state) {
  encode(state, CallRecord([](const auto& log) {
           METLOG_EVENT(log, "services", payload("foo"), kv("userid", 25), kv("req_time", 4.2));
         }));
}
#define METLOG_ALL_FORMATS(question) \
  BENCHMARK(question)                \
      ->ArgName("format")            \
      ->Arg(0)                       \
      ->Arg(1)                       \
      ->Arg(4)                       \
      ->Arg(5)                       \
      ->Arg(6)                       \
      ->Arg(7)                       \
      ->Arg(8)                       \
      ->Arg(9)                       \
      ->Arg(10)
METLOG_ALL_FORMATS(WhatDoesALogWithoutArgumentsCost);
METLOG_ALL_FORMATS(WhatDoesALogWithANumberARealAnd16CharactersCost);
METLOG_ALL_FORMATS(WhatDoesALogWithARealOf17DigitsCost);
METLOG_ALL_FORMATS(WhatDoesALogWith250CharactersCost);
METLOG_ALL_FORMATS(WhatDoesALogWithTwoFieldsCost);
METLOG_ALL_FORMATS(WhatDoesALogWithAVectorOfEightNumbersCost);
METLOG_ALL_FORMATS(WhatDoesACounterCost);
METLOG_ALL_FORMATS(WhatDoesATimerCost);
METLOG_ALL_FORMATS(WhatDoesAnEventWithTwoFieldsCost);

}  // namespace
}  // namespace metlog
