#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace shop {

/// The processor's time stamp counter, in ticks; unfenced, like the calls it brackets.
std::uint64_t now_ticks();
/// The length of a tick of now_ticks(). Measures for 20 ms at its first call.
double ns_per_tick();

/// A histogram of durations with 32 buckets per power of two, so a percentile is exact to 3 %.
/// Used by one thread at a time.
class LatencyCounts {
 public:
  void record(std::uint64_t ticks);
  void add(const LatencyCounts& other);
  [[nodiscard]] std::uint64_t count() const;
  /// The duration that a share `quantile` (0 to 1) of all did not exceed; 0 when there are none.
  [[nodiscard]] double quantile_ns(double quantile) const;

 private:
  static constexpr std::size_t kBuckets = 64 * 32;
  std::array<std::uint64_t, kBuckets> counts_{};
};

/// One LatencyCounts per recording thread, so that threads do not contend.
class CallLatency {
 public:
  /// Any thread. One CallLatency per process: a thread finds its counts by itself.
  void record(std::uint64_t ticks);
  /// Returns the sum over all threads; call it when none records any more.
  [[nodiscard]] LatencyCounts total() const;
  /// The cost of the measurement itself: two time stamps with nothing between them.
  static LatencyCounts measure_nothing();

 private:
  LatencyCounts& counts_of_this_thread();

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<LatencyCounts>> threads_;
};

}  // namespace shop
