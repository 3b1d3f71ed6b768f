#pragma once

#include <cstdint>

#include "metlog/internal/base/clock.h"

namespace metlog {

/// 2013-01-18T12:34:56.789012Z, at which the reference's golden messages were made.
inline constexpr std::int64_t kGoldenNs = 1'358'512'496'789'012'000;
inline constexpr const char* kGoldenTime = "2013-01-18T12:34:56.789012Z";

/// A clock that does not move unless it is set, or for which a tick is a whole number of ns.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(std::int64_t utc_ns = kGoldenNs) : line_{0, utc_ns, 0} {}
  /// `base_ticks` is utc_ns; from there every tick takes `ns`.
  FakeClock(std::uint64_t base_ticks, std::int64_t utc_ns, std::uint64_t ns)
      : line_{base_ticks, utc_ns, ns << 32} {}

  ClockLine line() override { return line_; }
  /// Sets the clock forward, or back.
  void set_by(std::int64_t ns) { line_.base_ns += ns; }

 private:
  ClockLine line_;
};

}  // namespace metlog
