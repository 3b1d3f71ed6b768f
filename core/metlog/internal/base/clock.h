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

/// Says what a tick is in UTC. Used by the flusher's thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The line that holds now; looks at the system's clock again when the last look is old.
  virtual ClockLine line() = 0;
};

/// The real one: resynchronises with CLOCK_REALTIME, slowly at first (20 ms after it was made),
/// then twice a second. Small errors are worked off by a changed slope until the next look, so
/// that time does not jump; a clock that was set is followed at once.
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
  std::uint64_t next_look_ticks_ = 0;
  std::uint64_t look_interval_ticks_ = 0;
};

}  // namespace metlog
