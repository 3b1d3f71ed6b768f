#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace metlog {

/// The time that tuning may take, and its division. Used by one thread.
class Budget {
 public:
  /// Returns the seconds of a clock that never goes back.
  using Now = std::function<double()>;

  Budget(double total_s, Now now);

  [[nodiscard]] double total_s() const { return total_s_; }
  [[nodiscard]] double elapsed_s() const { return now_() - start_s_; }
  /// 0 when it is over.
  [[nodiscard]] double left_s() const;

  /// Returns the time for each of the three phases of a point when so many points are planned; 40
  /// to 1000 ms.
  [[nodiscard]] std::uint64_t phase_ms(std::size_t points) const;
  /// Records the time that a point took.
  void note_point(double seconds);
  /// Estimates the time of the next point: the mean of those recorded.
  [[nodiscard]] double point_s() const;
  /// True when the search may measure so many more points and still leave time to confirm.
  [[nodiscard]] bool affords_search(std::size_t points) const;
  /// True when so many points fit into the time left.
  [[nodiscard]] bool affords(std::size_t points) const;

 private:
  const double total_s_;
  const Now now_;
  const double start_s_;
  double points_s_ = 0;
  std::size_t points_ = 0;
};

}  // namespace metlog
