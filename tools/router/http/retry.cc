#include "tools/router/http/retry.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;

// Longer ones are cut to it: no limit is longer, and it fits a count of nanoseconds.
constexpr double kMaxSeconds = 366.0 * 86'400;

nanoseconds of_seconds(double seconds) {
  return nanoseconds(static_cast<std::int64_t>(std::clamp(seconds, 0.0, kMaxSeconds) * 1e9));
}

std::optional<time_t> parse_http_date(const std::string& text) {
  // The names of days and months are English ones, because no program of ours sets a locale.
  for (const char* const form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm time{};
    const char* const end = ::strptime(text.c_str(), form, &time);
    if (end != nullptr && *end == '\0') return ::timegm(&time);
  }
  return std::nullopt;
}

}  // namespace

std::optional<nanoseconds> Backoff::pause(const Failures& failures, nanoseconds asked) const {
  if (limits_.attempts != 0 && failures.count >= limits_.attempts) return std::nullopt;
  const nanoseconds left = limits_.time - failures.since_first;
  if (left <= nanoseconds(0)) return std::nullopt;
  // Doubled in floating point, where nothing overflows.
  const double longest =
      std::min(std::ldexp(static_cast<double>(limits_.first_delay.count()),
                          static_cast<int>(std::min<std::uint32_t>(failures.count - 1, 100))),
               static_cast<double>(limits_.max_delay.count()));
  const nanoseconds random(static_cast<std::int64_t>(longest * random_()));
  // Jitter comes on top of what was asked for: all senders were told the same.
  const nanoseconds least = within_limit(asked);
  return std::min(least + random, std::max(least, left));
}

nanoseconds Backoff::within_limit(nanoseconds asked) const {
  return std::clamp(asked, nanoseconds(0), limits_.max_retry_after);
}

std::optional<nanoseconds> parse_retry_after(std::string_view text,
                                             std::chrono::system_clock::time_point now) {
  const std::string trimmed(
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
  if (trimmed.empty()) return std::nullopt;
  if (trimmed.find_first_not_of("0123456789.") == std::string::npos) {
    double seconds = 0;
    if (!absl::SimpleAtod(trimmed, &seconds)) return std::nullopt;
    return of_seconds(seconds);
  }
  const std::optional<time_t> date = parse_http_date(trimmed);
  if (!date) return std::nullopt;
  return of_seconds(static_cast<double>(*date - std::chrono::system_clock::to_time_t(now)));
}

}  // namespace metlog
