#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/flush/timeline.h"

namespace metlog {

/// Puts the accounts of clients into their streams, in messages of type metlog.stats: of each
/// client that asks for it, every ClientOptions::stats_interval and at its close. docs/wire.md has
/// the fields. Used by one thread at a time, under the flusher's mutex.
class StatsReporter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `session` is the session's id. Delivery and rings outlive the reporter.
  StatsReporter(Delivery& delivery, const RingSet& rings, std::string session)
      : delivery_(delivery), rings_(rings), session_(std::move(session)) {}

  /// Notes how full the fullest ring was in a round, 0 to 1.
  void note_fill(double fill);
  /// Reports the account when its interval is over. `now` is the beginning of the round.
  void report_due(std::uint32_t slot, const Timeline& time, TimePoint now);
  /// Reports the account of a client that is being closed, whose losses have all been reported.
  void report_last(std::uint32_t slot, const Timeline& time);

 private:
  struct Due {
    std::uint64_t client = 0;  // for which it holds
    TimePoint at{};
    double fill = 0;  // the highest since the last report
  };

  void report(std::uint32_t slot, const Timeline& time, bool is_last);

  Delivery& delivery_;
  const RingSet& rings_;
  std::array<Due, kClientSlots> due_{};
  const std::string session_;
};

}  // namespace metlog
