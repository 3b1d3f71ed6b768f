#include "docs/examples/call_latency.h"

#include <bit>
#include <chrono>
#include <cmath>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace shop {
namespace {

constexpr unsigned kSubBits = 5;
constexpr std::uint64_t kSubBuckets = 1U << kSubBits;

// Below 32 one bucket per tick; above, the leading bit is the row and the next five the column.
std::size_t bucket_of(std::uint64_t ticks) {
  if (ticks < kSubBuckets) return ticks;
  const auto shift = static_cast<unsigned>(std::bit_width(ticks)) - kSubBits - 1;
  return (shift + 1) * kSubBuckets + ((ticks >> shift) - kSubBuckets);
}

std::uint64_t highest_in(std::size_t bucket) {
  if (bucket < kSubBuckets) return bucket;
  const std::size_t shift = bucket / kSubBuckets - 1;
  return ((bucket % kSubBuckets + kSubBuckets + 1) << shift) - 1;
}

double measure_tick() {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const std::uint64_t start_ticks = now_ticks();
  auto end = start;
  while (end - start < std::chrono::milliseconds(20)) end = Clock::now();
  const std::uint64_t ticks = now_ticks() - start_ticks;
  return std::chrono::duration<double, std::nano>(end - start).count() / static_cast<double>(ticks);
}

}  // namespace

std::uint64_t now_ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

double ns_per_tick() {
  static const double tick_ns = measure_tick();
  return tick_ns;
}

void LatencyCounts::record(std::uint64_t ticks) { ++counts_[bucket_of(ticks)]; }

void LatencyCounts::add(const LatencyCounts& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
}

std::uint64_t LatencyCounts::count() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts_) sum += count;
  return sum;
}

double LatencyCounts::quantile_ns(double quantile) const {
  const auto wanted =
      static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count())));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted && seen > 0) return static_cast<double>(highest_in(i)) * ns_per_tick();
  }
  return 0;
}

void CallLatency::record(std::uint64_t ticks) { counts_of_this_thread().record(ticks); }

LatencyCounts CallLatency::total() const {
  const std::lock_guard lock(mutex_);
  LatencyCounts sum;
  for (const auto& counts : threads_) sum.add(*counts);
  return sum;
}

LatencyCounts CallLatency::measure_nothing() {
  constexpr int kRounds = 200'000;
  LatencyCounts counts;
  for (int i = 0; i < kRounds; ++i) {
    const std::uint64_t start = now_ticks();
    counts.record(now_ticks() - start);
  }
  return counts;
}

LatencyCounts& CallLatency::counts_of_this_thread() {
  thread_local LatencyCounts* mine = nullptr;
  if (mine == nullptr) {
    const std::lock_guard lock(mutex_);
    mine = threads_.emplace_back(std::make_unique<LatencyCounts>()).get();
  }
  return *mine;
}

}  // namespace shop
