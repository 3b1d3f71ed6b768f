#include "senders/file/file_rotation.h"

#include <algorithm>
#include <ctime>

namespace metlog {
namespace {

/// The day with this time by local clocks, and days before or after it.
std::tm local_day(std::time_t time, int days) {
  std::tm day{};
  ::localtime_r(&time, &day);
  day.tm_mday += days;
  day.tm_hour = 12;  // which every day has
  day.tm_isdst = -1;
  std::mktime(&day);
  return day;
}

/// Returns when local clocks show that time of that day, for the first time, or would have.
std::int64_t moment_of(std::tm day, std::chrono::minutes at) {
  day.tm_hour = static_cast<int>(at.count() / 60);
  day.tm_min = static_cast<int>(at.count() % 60);
  day.tm_sec = 0;
  std::int64_t first = INT64_MAX;
  std::int64_t last = INT64_MIN;
  // Asked for both, for otherwise mktime() chooses one of two, not always the same.
  for (const int is_summer : {0, 1}) {
    std::tm asked = day;
    asked.tm_isdst = is_summer;
    const std::time_t moment = std::mktime(&asked);
    std::tm shown{};
    ::localtime_r(&moment, &shown);
    if (shown.tm_hour == day.tm_hour && shown.tm_min == day.tm_min) {
      first = std::min<std::int64_t>(first, moment);
    }
    last = std::max<std::int64_t>(last, moment);
  }
  return first != INT64_MAX ? first : last;
}

}  // namespace

std::optional<std::chrono::minutes> FileRotation::read_time(std::string_view text) {
  const auto number = [&text](std::size_t at) {
    return 10 * (text[at] - '0') + (text[at + 1] - '0');
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 5 || text[2] != ':' ||
      std::count_if(text.begin(), text.end(), is_digit) != 4 || number(0) > 23 || number(3) > 59) {
    return std::nullopt;
  }
  return std::chrono::minutes(60 * number(0) + number(3));
}

FileRotation::Period FileRotation::period_at(std::int64_t utc_seconds) const {
  if (interval.count() != 0) {
    const std::int64_t begin = utc_seconds / interval.count() * interval.count();
    return {begin, begin + interval.count()};
  }
  if (!daily_at.has_value()) return {};
  Period period;
  for (int days = -1; days <= 1; ++days) {
    const std::int64_t moment = moment_of(local_day(utc_seconds, days), *daily_at);
    if (moment > utc_seconds) {
      period.end = moment;
      break;
    }
    period.begin = moment;
  }
  return period;
}

}  // namespace metlog
