#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/int128.h"

namespace metlog {

/// A zone in which a time is written: with the letter Z, or with none for a local time.
enum class TimeZone : std::uint8_t { kUtc, kLocal };

/// The maximum that append_date_time() writes for seconds that are a count of days in int64.
inline constexpr std::size_t kMaxDateTimeBytes = 48;

/// Writes the time `seconds` and `ns` (below 10^9) after 1970-01-01T00:00:00 in the same form,
/// rounded down to microseconds. The calendar is the Gregorian one at all times. A year outside of
/// 0000 to 9999 has a sign, as in ISO 8601: +10000-01-01, -0001-12-31. The year 0 precedes 1.
char* append_date_time(char* out, Int128 seconds, std::int64_t ns, TimeZone zone);

/// Writes time stamps of envelopes: YYYY-MM-DDTHH:MM:SS.ffffffZ, always UTC. Keeps the text of the
/// last second, so that the next message in it costs six digits only. Used by one thread.
class TimestampText {
 public:
  /// The number of bytes that append() writes.
  static constexpr std::size_t kBytes = 27;

  TimestampText();

  /// Writes the time `utc_ns` nanoseconds after 1970-01-01T00:00:00Z to `out`, which has room for
  /// kBytes, and returns the end. Correct for every value, also before 1970: from 1677-09-21 to
  /// 2262-04-11. Rounds down to microseconds.
  char* append(char* out, std::int64_t utc_ns);

 private:
  void render_second(std::int64_t second);

  std::uint64_t second_start_ns_;  // modulo 2^64: the first second of the range starts before it
  char text_[kBytes];              // of that second; the microseconds are stale
};

}  // namespace metlog
