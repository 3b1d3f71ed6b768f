#pragma once

#include <cstdint>

#include "metlog/internal/base/int128.h"

namespace metlog {

/// A straight line from steady_ticks() to UTC.
struct ClockLine {
  std::uint64_t base_ticks = 0;
  std::int64_t base_ns = 0;       // UTC, since the Unix epoch, at base_ticks
  std::uint64_t ns_per_tick = 0;  // 32.32 fixed point

  [[nodiscard]] std::int64_t utc_ns(std::uint64_t ticks) const {
    const auto delta = static_cast<std::int64_t>(ticks - base_ticks);
    // Unsigned: what a damaged session holds may overflow.
    const auto span = static_cast<std::uint64_t>(Int128{delta} * Int128{ns_per_tick} >> 32);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(base_ns) + span);
  }
  /// A span of ticks in ns.
  [[nodiscard]] std::uint64_t span_ns(std::uint64_t ticks) const {
    return static_cast<std::uint64_t>(Int128{ticks} * Int128{ns_per_tick} >> 32);
  }
};

/// Converts ticks to UTC. Used by the flusher's thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Returns the line that is valid now; reads the system clock again when the last reading is old.
  virtual ClockLine line() = 0;
};

/// What three clocks show at one moment.
struct ClockReading {
  std::uint64_t ticks = 0;
  std::int64_t utc_ns = 0;     // since the Unix epoch
  std::int64_t steady_ns = 0;  // of a clock that is never set or slewed
};

/// The line through the readings of a clock. A changed slope removes a small error until the next
/// reading, so that time does not jump. An error of more than 1 ms means that the clock was set;
/// the line then jumps at once. Used by one thread.
class ClockFit {
 public:
  /// The time between two readings.
  static constexpr std::int64_t kReadingNs = 500'000'000;
  static constexpr std::int64_t kStepNs = 1'000'000;

  /// The second reading is at least kCalibrationNs later.
  static constexpr std::int64_t kCalibrationNs = 2'000'000;
  ClockFit(const ClockReading& first, const ClockReading& second);

  /// Continues the line through another reading.
  void add(const ClockReading& now);
  [[nodiscard]] const ClockLine& line() const { return line_; }

 private:
  [[nodiscard]] double ns_per_tick(const ClockReading& now) const;

  const ClockReading first_;
  ClockLine line_;
};

/// The real clock: reads CLOCK_REALTIME 20 ms after it was made, then twice a second if line() is
/// called as often. So its line follows at most half a second after the clock was set.
class SystemClock final : public Clock {
 public:
  SystemClock();
  ClockLine line() override;

 private:
  explicit SystemClock(const ClockReading& first);
  void read_again_in(std::int64_t ns, std::uint64_t now_ticks);

  ClockFit fit_;
  std::uint64_t next_reading_ticks_ = 0;
};

}  // namespace metlog
