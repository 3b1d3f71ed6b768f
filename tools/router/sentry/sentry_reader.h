#pragma once

#include <chrono>
#include <functional>

#include "tools/router/http/answer_reader.h"

namespace metlog {

/// The contract of Sentry: 2xx is delivered; everything else is never sent again, and counted. What
/// it limits is not sent at all until the limit is over: for X-Sentry-Rate-Limits on any answer, or
/// a 429 with Retry-After, or a minute after a 429 without either. Limits of the category "error",
/// which events are of, and of all categories count; the longest wins; none is longer than a day.
class SentryReader final : public AnswerReader {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit SentryReader(std::function<TimePoint()> now = std::chrono::steady_clock::now)
      : now_(std::move(now)) {}

  BodyResult read(const HttpAnswer& answer, std::span<ItemResult> items) override;
  bool takes(std::string_view) override { return now_() >= limited_until_; }

 private:
  bool note_limits(std::string_view header);

  const std::function<TimePoint()> now_;
  TimePoint limited_until_;
};

}  // namespace metlog
