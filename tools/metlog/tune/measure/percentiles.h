#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace metlog {

/// The times of many calls, in ns, summed up by nearest rank.
struct Percentiles {
  /// The shares that `curve` has a value for; the last is the slowest call.
  static constexpr std::array<double, 13> kShares = {0,    0.1,  0.25,  0.5,   0.75,   0.9, 0.95,
                                                     0.98, 0.99, 0.995, 0.999, 0.9995, 1};

  std::uint64_t samples = 0;
  std::array<double, kShares.size()> curve{};

  /// Sorts the samples.
  static Percentiles of(std::vector<float>& samples);

  [[nodiscard]] double p50() const { return curve[3]; }
  [[nodiscard]] double p90() const { return curve[5]; }
  [[nodiscard]] double p99() const { return curve[8]; }
  /// Negative when there are too few samples to tell it from the slowest.
  [[nodiscard]] double p999() const { return samples >= 1000 ? curve[10] : -1; }
  [[nodiscard]] double max() const { return curve.back(); }
};

/// Median and spread of a few rounds: half the distance between the quartiles.
struct Spread {
  double median = 0;
  double half_width = 0;
};
Spread spread_of(std::vector<double> values);

}  // namespace metlog
