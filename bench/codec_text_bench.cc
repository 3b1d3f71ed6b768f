// The cost of the pieces of an envelope, each alone and with warm caches. Not measured: fetching
// the bytes from a ring that another thread wrote.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

void escape(benchmark::State& state, std::string text) {
  std::string out(kJsonTextGrowth * text.size(), '\0');
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(append_json_text(out.data(), text));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

void WhatDoesEscaping7PlainCharactersCost(benchmark::State& state) { escape(state, "service"); }
void WhatDoesEscaping16PlainCharactersCost(benchmark::State& state) {
  escape(state, std::string(16, 'x'));
}
void WhatDoesEscaping250PlainCharactersCost(benchmark::State& state) {
  escape(state, std::string(250, 'x'));
}
void WhatDoesEscaping250CharactersWithTenQuotesCost(benchmark::State& state) {
  escape(state, repeated("a word and then a \"quote ", 10));
}
void WhatDoesEscaping250BytesOfCyrillicCost(benchmark::State& state) {
  escape(state, repeated("\u0436", 125));
}
void WhatDoesEscaping250BytesOfInvalidUtf8Cost(benchmark::State& state) {
  escape(state, std::string(250, '\xFF'));
}
BENCHMARK(WhatDoesEscaping7PlainCharactersCost);
BENCHMARK(WhatDoesEscaping16PlainCharactersCost);
BENCHMARK(WhatDoesEscaping250PlainCharactersCost);
BENCHMARK(WhatDoesEscaping250CharactersWithTenQuotesCost);
BENCHMARK(WhatDoesEscaping250BytesOfCyrillicCost);
BENCHMARK(WhatDoesEscaping250BytesOfInvalidUtf8Cost);

template <typename Number, typename Append>
void render(benchmark::State& state, Number value, Append append) {
  std::array<char, 64> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(value);
    benchmark::DoNotOptimize(append(out.data(), value));
    benchmark::ClobberMemory();
  }
}

constexpr auto kJsonReal = [](char* out, auto value) { return append_json_double(out, value); };

void WhatDoesAnIntegerOfFourDigitsCost(benchmark::State& state) {
  render(state, std::int64_t{4711}, append_int);
}
void WhatDoesAnUnsignedOfTwentyDigitsCost(benchmark::State& state) {
  render(state, ~std::uint64_t{0}, append_uint);
}
void WhatDoesAWholeRealCost(benchmark::State& state) { render(state, 12.0, kJsonReal); }
void WhatDoesARealOfOneDecimalCost(benchmark::State& state) { render(state, 41.5, kJsonReal); }
void WhatDoesARealOfSixDecimalsCost(benchmark::State& state) { render(state, 0.004213, kJsonReal); }
void WhatDoesARealOfSeventeenDigitsCost(benchmark::State& state) {
  render(state, 0.30000000000000004, kJsonReal);
}
void WhatDoesAFloatOfOneDecimalCost(benchmark::State& state) { render(state, 41.5F, kJsonReal); }
void WhatDoesAShortRealOfOneDecimalCost(benchmark::State& state) {
  render(state, 41.5, append_short_double);
}
void WhatDoesAShortRealOfTwelveDigitsCost(benchmark::State& state) {
  render(state, 1.0 / 3.0, append_short_double);
}
void WhatDoMillisecondsCost(benchmark::State& state) {
  render(state, std::uint64_t{4213}, append_milliseconds);
}
BENCHMARK(WhatDoesAnIntegerOfFourDigitsCost);
BENCHMARK(WhatDoesAnUnsignedOfTwentyDigitsCost);
BENCHMARK(WhatDoesAWholeRealCost);
BENCHMARK(WhatDoesARealOfOneDecimalCost);
BENCHMARK(WhatDoesARealOfSixDecimalsCost);
BENCHMARK(WhatDoesARealOfSeventeenDigitsCost);
BENCHMARK(WhatDoesAFloatOfOneDecimalCost);
BENCHMARK(WhatDoesAShortRealOfOneDecimalCost);
BENCHMARK(WhatDoesAShortRealOfTwelveDigitsCost);
BENCHMARK(WhatDoMillisecondsCost);

void stamp(benchmark::State& state, std::int64_t step_ns) {
  TimestampText text;
  std::array<char, TimestampText::kBytes> out;
  std::int64_t now_ns = 1'358'512'496'789'012'345;
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.append(out.data(), now_ns += step_ns));
    benchmark::ClobberMemory();
  }
}

void WhatDoesATimestampInTheSameSecondCost(benchmark::State& state) { stamp(state, 0); }
void WhatDoesATimestampInANewSecondCost(benchmark::State& state) { stamp(state, 1'000'000'007); }
BENCHMARK(WhatDoesATimestampInTheSameSecondCost);
BENCHMARK(WhatDoesATimestampInANewSecondCost);

}  // namespace
}  // namespace metlog
