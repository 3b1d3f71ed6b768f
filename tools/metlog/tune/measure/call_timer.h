#pragma once

#include <cstdint>

namespace metlog {

/// Reads a counter around what is to be timed. All that stands before start() is complete when it
/// reads, and all that stands before stop() is when that does. Any thread.
class CallTimer {
 public:
  /// Takes some 20 ms to learn the counter's rate and what an empty measurement costs.
  static CallTimer calibrated();

  static std::uint64_t start();
  static std::uint64_t stop();

  [[nodiscard]] double ns_per_tick() const { return ns_per_tick_; }
  /// What timing nothing costs: the median of many.
  [[nodiscard]] double empty_ns() const { return empty_ns_; }
  /// A measured span without the measurement's own time; not below 0.
  [[nodiscard]] double ns(std::uint64_t ticks) const {
    const double span = static_cast<double>(ticks) * ns_per_tick_ - empty_ns_;
    return span > 0 ? span : 0;
  }

 private:
  double ns_per_tick_ = 1;
  double empty_ns_ = 0;
};

}  // namespace metlog
