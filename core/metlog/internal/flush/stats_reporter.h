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

  /// `session` is the session's id, `program` the name of the process. Delivery and rings outlive
  /// the reporter.
  StatsReporter(Delivery& delivery, const RingSet& rings, std::string session, std::string program)
      : delivery_(delivery),
        rings_(rings),
        session_(std::move(session)),
        program_(std::move(program)) {}

  /// Notes how full the fullest ring was in a round, 0 to 1.
  void note_fill(double fill);
  /// Reports the account when its interval is over. `now` is the beginning of the round.
  void report_due(std::uint32_t slot, const Timeline& time, TimePoint now);
  /// Ends the reports of a client that is being closed, but for the last one.
  void end_intervals(std::uint32_t slot);
  /// Reports the account of a client that is being closed. All that it was offered is sent or lost,
  /// the reports of its losses too, unless its time is over.
  void report_last(std::uint32_t slot, const Timeline& time);
  /// The same for a destination that its client loses, while calls go on.
  void report_removal(std::uint32_t slot, const Timeline& time);

 private:
  struct Due {
    std::uint64_t client = 0;  // for which it holds
    TimePoint at{};
    std::uint32_t stream = 0;   // the first of those that the client writes now
    TimePoint opened{};         // when it had its first round, before its first message was sent
    double fill = 0;            // the highest since the last report, as the next one
    std::uint64_t waiting = 0;  // batches
  };

  void follow(Due& due, const Destination& destination, TimePoint now);
  void report(std::uint32_t slot, const Timeline& time, bool is_last);

  Delivery& delivery_;
  const RingSet& rings_;
  std::array<Due, kClientSlots> due_{};
  bool has_silent_clients_ = false;  // there is, or was, a client that reports nothing
  const std::string session_;
  const std::string program_;
};

}  // namespace metlog
