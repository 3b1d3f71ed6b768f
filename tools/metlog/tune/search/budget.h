#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace metlog {

/// The time that tuning may take, and how it is shared out. Used by one thread.
class Budget {
 public:
  /// Seconds on a clock that never goes back.
  using Now = std::function<double()>;

  Budget(double total_s, Now now);

  [[nodiscard]] double total_s() const { return total_s_; }
  [[nodiscard]] double elapsed_s() const { return now_() - start_s_; }
  /// 0 when it is over.
  [[nodiscard]] double left_s() const;

  /// How long each of the two phases of a point may take when so many points are planned; 40 to
  /// 1000.
  [[nodiscard]] std::uint64_t phase_ms(std::size_t points) const;
  /// What a point took.
  void note_point(double seconds);
  /// What the next will take: the mean of those that were.
  [[nodiscard]] double point_s() const;
  /// Whether the search may measure so many more points and leave the confirmation its share.
  [[nodiscard]] bool affords_search(std::size_t points) const;
  /// Whether so many points fit into what is left.
  [[nodiscard]] bool affords(std::size_t points) const;

 private:
  const double total_s_;
  const Now now_;
  const double start_s_;
  double points_s_ = 0;
  std::size_t points_ = 0;
};

}  // namespace metlog
