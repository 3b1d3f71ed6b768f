#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metlog {

/// Decides whether a time stamp is a date and time that exists: YYYY-MM-DDTHH:MM:SS, then maybe a
/// fraction, then maybe a zone (Z, +HH:MM or +HHMM; UTC without one), as RFC 3339 has them, so also
/// with a space or lower-case letters. A second 60 exists at 23:59 UTC. Keeps the last second that
/// was valid, for nearly every stamp is in it. Used by one thread.
class TimestampCheck {
 public:
  [[nodiscard]] bool is_valid(std::string_view text);

 private:
  static constexpr std::size_t kSecondBytes = 19;  // YYYY-MM-DDTHH:MM:SS

  std::array<char, kSecondBytes> last_second_ = {'\xff'};  // in no UTF-8 string
};

/// The nanoseconds since 1970 of a time stamp that TimestampCheck accepts; 0 of another text. What
/// lies before 1677 or after 2262 counts as a time in these years.
[[nodiscard]] std::int64_t utc_ns_of_timestamp(std::string_view text);

}  // namespace metlog
