#pragma once

#include <cstdint>

namespace metlog {

__extension__ typedef __int128 Int128;  // the standard has no name for it

/// A straight line from steady_ticks() to UTC.
struct ClockLine {
  std::uint64_t base_ticks = 0;
  std::int64_t base_ns = 0;       // UTC, since the Unix epoch, at base_ticks
  std::uint64_t ns_per_tick = 0;  // 32.32 fixed point

  [[nodiscard]] std::int64_t utc_ns(std::uint64_t ticks) const {
    const auto delta = static_cast<std::int64_t>(ticks - base_ticks);
    return base_ns + static_cast<std::int64_t>(Int128{delta} * Int128{ns_per_tick} >> 32);
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

/// The real clock: resynchronises with CLOCK_REALTIME 20 ms after it was made, then twice a second.
/// A changed slope removes a small error until the next reading, so that time does not jump. An
/// error of more than 1 ms means that the system clock was set; the line then jumps at once.
class SystemClock final : public Clock {
 public:
  SystemClock();
  ClockLine line() override;

 private:
  struct Sample {
    std::uint64_t ticks;
    std::int64_t utc_ns;
    std::int64_t steady_ns;
  };
  static Sample sample();
  void resynchronise(const Sample& now);

  ClockLine line_;
  Sample first_;
  std::uint64_t next_reading_ticks_ = 0;
  std::uint64_t reading_interval_ticks_ = 0;
};

}  // namespace metlog
