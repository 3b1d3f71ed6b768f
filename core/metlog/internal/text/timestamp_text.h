#pragma once

#include <cstddef>
#include <cstdint>

namespace metlog {

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
