#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace metlog {

/// The schedule of one thread's messages at a constant rate. A thread that is late catches up. Used
/// by one thread.
class Pace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `per_second` is 0 for no limit: everything is due at once.
  Pace(TimePoint start, double per_second) : start_(start), per_second_(per_second) {}

  /// Returns the number of messages due by `now`, those already sent included.
  [[nodiscard]] std::uint64_t due(TimePoint now) const;
  /// Returns the time at which message number `count`, from 0, is due.
  [[nodiscard]] TimePoint due_at(std::uint64_t count) const;

 private:
  using Seconds = std::chrono::duration<double>;

  const TimePoint start_;
  const double per_second_;
};

inline std::uint64_t Pace::due(TimePoint now) const {
  if (per_second_ <= 0) return std::numeric_limits<std::uint64_t>::max();
  return 1 + static_cast<std::uint64_t>(Seconds(now - start_).count() * per_second_);
}

inline Pace::TimePoint Pace::due_at(std::uint64_t count) const {
  if (per_second_ <= 0) return start_;
  const Seconds after(static_cast<double>(count) / per_second_);
  return start_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(after);
}

}  // namespace metlog
