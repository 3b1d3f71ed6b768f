#pragma once

#include <chrono>
#include <cstdint>

namespace metlog {

/// When the messages of one thread are due. What was missed is caught up with. Used by one thread.
class Pace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `per_second` is 0 for no pace: everything is due at once.
  Pace(TimePoint start, double per_second) : start_(start), per_second_(per_second) {}

  /// How many messages are due by now, those already sent included.
  [[nodiscard]] std::uint64_t due(TimePoint now) const;
  /// When message number `count` (from 0) is due.
  [[nodiscard]] TimePoint due_at(std::uint64_t count) const;

 private:
  const TimePoint start_;
  const double per_second_;
};

}  // namespace metlog
