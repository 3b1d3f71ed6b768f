#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace metlog {

/// For how long, and how often, what could not be sent is sent again.
struct RetryLimits {
  /// Requests for one body in all, from 1; 0 for as many as `time` allows.
  std::uint32_t attempts = 0;
  /// From the first request on; what is not delivered then is lost.
  std::chrono::nanoseconds time = std::chrono::seconds(300);
  /// The longest pause after the first failure; it doubles with each, up to max_delay. A pause is
  /// random between 0 and this, so that many senders do not come back at the same moment.
  std::chrono::nanoseconds first_delay = std::chrono::milliseconds(250);
  std::chrono::nanoseconds max_delay = std::chrono::seconds(30);
  /// The longest pause that a receiver may ask for with Retry-After; a longer one is cut to it.
  std::chrono::nanoseconds max_retry_after = std::chrono::seconds(300);
};

/// The requests for one body so far.
struct Failures {
  std::uint32_t count = 0;                  // at least 1
  std::chrono::nanoseconds since_first{0};  // from the first request to now
};

/// The pauses between requests. Used by one thread.
class Backoff {
 public:
  /// `random` returns numbers from 0 to below 1, evenly distributed.
  Backoff(const RetryLimits& limits, std::function<double()> random)
      : limits_(limits), random_(std::move(random)) {}

  /// Returns the pause before the next request; none when there is to be no other. `asked` is what
  /// the receiver wants at least; 0 for nothing. The last request is at the end of the time limit,
  /// or when the receiver wants it.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> pause(const Failures& failures,
                                                              std::chrono::nanoseconds asked) const;
  /// Returns how long a receiver that asks for this is left alone.
  [[nodiscard]] std::chrono::nanoseconds within_limit(std::chrono::nanoseconds asked) const;

 private:
  const RetryLimits limits_;
  const std::function<double()> random_;
};

/// Reads the value of a Retry-After header: seconds, with decimals or without, or a date of HTTP in
/// any of its three forms; a date that is over is 0. None for anything else. `now` is UTC.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_retry_after(
    std::string_view text, std::chrono::system_clock::time_point now);

}  // namespace metlog
