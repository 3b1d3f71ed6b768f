#include "tools/router/sentry/sentry_reader.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "tools/router/http/retry.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kDefaultLimit = std::chrono::seconds(60);
constexpr nanoseconds kMaxLimit = std::chrono::hours(24);

}  // namespace

BodyResult SentryReader::read(const HttpAnswer& answer, std::span<ItemResult>) {
  const auto limits = answer.header("x-sentry-rate-limits");
  const bool is_told = limits && note_limits(*limits);
  if (answer.status == 429 && !is_told) {
    const auto after = answer.header("retry-after");
    const nanoseconds limit =
        after ? parse_retry_after(*after, std::chrono::system_clock::now()).value_or(kDefaultLimit)
              : kDefaultLimit;
    limited_until_ = std::max(limited_until_, now_() + std::min(limit, kMaxLimit));
  }
  BodyResult result;
  if (answer.status >= 200 && answer.status < 300) return result;
  result.kind = BodyResult::Kind::kRefused;
  if (answer.status == 413) result.reason = LossReason::kTooLong;
  return result;
}

/// Reads "seconds:categories:scope:..., ...", with categories as "error;default" or empty for all.
/// False when nothing of it makes sense.
bool SentryReader::note_limits(std::string_view header) {
  bool is_any = false;
  for (const absl::string_view limit :
       absl::StrSplit(absl::string_view(header.data(), header.size()), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(limit, ':');
    const absl::string_view seconds = absl::StripAsciiWhitespace(parts[0]);
    const auto time = parse_retry_after({seconds.data(), seconds.size()},
                                        std::chrono::system_clock::time_point());
    if (!time || parts.size() < 2) continue;
    is_any = true;
    const std::vector<absl::string_view> categories =
        absl::StrSplit(absl::StripAsciiWhitespace(parts[1]), ';', absl::SkipEmpty());
    const bool is_ours = categories.empty() || std::find(categories.begin(), categories.end(),
                                                         "error") != categories.end();
    if (is_ours) limited_until_ = std::max(limited_until_, now_() + std::min(*time, kMaxLimit));
  }
  return is_any;
}

}  // namespace metlog
