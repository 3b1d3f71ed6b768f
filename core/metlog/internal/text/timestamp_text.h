#pragma once

#include <cstddef>
#include <cstdint>

namespace metlog {

/// Renders points in time for the envelope: YYYY-MM-DDTHH:MM:SS.ffffffZ, always UTC. The text of
/// the last second asked for is kept, so that a further message in it costs six digits only.
/// Used by one thread.
class TimestampText {
 public:
  /// Bytes append() writes, always.
  static constexpr std::size_t kBytes = 27;

  TimestampText();

  /// Writes the time `utc_ns` nanoseconds after 1970-01-01T00:00:00Z to `out`, which has room for
  /// kBytes, and returns the end. Correct for every value, those before 1970 included: from
  /// 1677-09-21 to 2262-04-11. What is finer than a microsecond is cut off, towards the past.
  char* append(char* out, std::int64_t utc_ns);

 private:
  void render_second(std::int64_t second);

  std::uint64_t second_start_ns_;  // modulo 2^64: the first second of the range starts before it
  char text_[kBytes];              // of that second, with the digits behind the point out of date
};

}  // namespace metlog
