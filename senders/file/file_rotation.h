#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace metlog {

/// When a file is renamed to NAME.1, and a new one begun.
struct FileRotation {
  /// Before a message that would make it longer; a longer message has a file to itself. 0: never.
  std::uint64_t max_bytes = 0;
  /// At the multiples of this since 1970, UTC; 24 h is midnight. 0: never.
  std::chrono::seconds interval{0};
  int keep = 7;  // files beside the one that is written, 1 or more
  /// Once a day, so long after the local midnight, by the clocks of the process's time zone
  /// (TZ): less than a day. Not together with `interval`.
  std::optional<std::chrono::minutes> daily_at = std::nullopt;

  /// Renamed files that were not written for so long are removed; none when 0.
  std::chrono::seconds keep_for{0};
  /// Renamed files but NAME.1, which writers may still add to, become NAME.2.gz and so on.
  bool compresses = false;

  [[nodiscard]] bool is_on() const {
    return max_bytes != 0 || interval.count() != 0 || daily_at.has_value();
  }

  /// Reads a time of the day, from `00:00` to `23:59`.
  static std::optional<std::chrono::minutes> read_time(std::string_view text);

  /// True when renamed files have to be looked after.
  [[nodiscard]] bool needs_upkeep() const {
    return is_on() && (compresses || keep_for.count() != 0);
  }

  /// The times, UTC seconds, between two rotations by time: from `begin` to before `end`.
  struct Period {
    std::int64_t begin = INT64_MIN;
    std::int64_t end = INT64_MAX;
  };
  /// Returns the one with this time; that of all times without a rotation by time. A day with two
  /// such moments, because clocks are set back, has a rotation at the first of them; where clocks
  /// skip it, at the same distance after the jump.
  [[nodiscard]] Period period_at(std::int64_t utc_seconds) const;
};

}  // namespace metlog
