#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "metlog/internal/base/clock.h"

namespace metlog {

/// Returns a UTC time as envelopes show it.
std::string time_text(std::int64_t utc_ns);

/// The time of records, across jumps of the system clock. A record that was stamped before a jump
/// was noticed has the time that the clock showed then. Small errors, as from a clock that is being
/// slewed, are no jumps. Used by one thread at a time.
class Timeline {
 public:
  /// What the clock shows at one moment, before and after it was set.
  struct Jump {
    std::int64_t from_ns;  // UTC
    std::int64_t to_ns;
  };
  /// The least jump, and its part of the time since the last look. Slewing changes the clock by
  /// 0.05 % with ntpd, by 10 % at most with chrony; a look comes twice a second.
  static constexpr std::uint64_t kLeastJumpNs = 100'000'000;
  static constexpr std::uint64_t kSlewedPart = 8;

  Timeline(const ClockLine& line, std::uint64_t now)
      : line_(line), before_(line), looked_at_(now) {}

  /// Returns the jump that `next` makes at `now`, if it is one.
  [[nodiscard]] std::optional<Jump> jump_to(const ClockLine& next, std::uint64_t now) const;
  /// Continues with `next`, for records stamped from `now` on if there is a jump to it.
  void follow(const ClockLine& next, std::uint64_t now);

  [[nodiscard]] const ClockLine& line() const { return line_; }
  [[nodiscard]] std::int64_t utc_ns(std::uint64_t stamp) const {
    return (is_before_jump(stamp) ? before_ : line_).utc_ns(stamp);
  }
  /// Returns how many jumps came before this stamp; of the last two of them.
  [[nodiscard]] std::uint32_t jumps_before(std::uint64_t stamp) const {
    return is_before_jump(stamp) ? jumps_ - 1 : jumps_;
  }

 private:
  [[nodiscard]] bool is_before_jump(std::uint64_t stamp) const {
    // Signed, as the counter may wrap.
    return jumps_ != 0 && static_cast<std::int64_t>(stamp - jumped_at_) < 0;
  }

  ClockLine line_;
  ClockLine before_;  // the last jump
  std::uint32_t jumps_ = 0;
  std::uint64_t jumped_at_ = 0;  // ticks
  std::uint64_t looked_at_;      // ticks
};

}  // namespace metlog
