#include "metlog/internal/text/timestamp_text.h"

#include <chrono>
#include <cstring>

#include "metlog/internal/text/digits.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kMicrosecondsAt = 20;

constexpr std::int64_t second_of(std::int64_t utc_ns) {
  const std::int64_t second = utc_ns / kSecondNs;
  return utc_ns % kSecondNs < 0 ? second - 1 : second;
}

}  // namespace

TimestampText::TimestampText() {
  std::memcpy(text_, "0000-00-00T00:00:00.000000Z", kBytes);
  render_second(0);
}

char* TimestampText::append(char* out, std::int64_t utc_ns) {
  auto since_ns = static_cast<std::uint64_t>(utc_ns) - second_start_ns_;
  if (since_ns >= static_cast<std::uint64_t>(kSecondNs)) [[unlikely]] {
    render_second(second_of(utc_ns));
    since_ns = static_cast<std::uint64_t>(utc_ns) - second_start_ns_;
  }
  std::memcpy(out, text_, kBytes);
  write_six_digits(out + kMicrosecondsAt, static_cast<std::uint32_t>(since_ns / 1'000));
  return out + kBytes;
}

void TimestampText::render_second(std::int64_t second) {
  const std::chrono::sys_seconds time{std::chrono::seconds(second)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
  const auto of_day = static_cast<std::uint32_t>((time - day).count());
  write_two_digits(text_, year / 100);
  write_two_digits(text_ + 2, year % 100);
  write_two_digits(text_ + 5, static_cast<unsigned>(date.month()));
  write_two_digits(text_ + 8, static_cast<unsigned>(date.day()));
  write_two_digits(text_ + 11, of_day / 3'600);
  write_two_digits(text_ + 14, of_day / 60 % 60);
  write_two_digits(text_ + 17, of_day % 60);
  second_start_ns_ = static_cast<std::uint64_t>(second) * static_cast<std::uint64_t>(kSecondNs);
}

namespace {

struct Date {
  Int128 year;
  std::uint32_t month;
  std::uint32_t day;
};

/// Returns the date of a day after 1970-01-01. std::chrono's years end at 32767.
Date date_of(Int128 day) {
  // The calendar repeats after an era of 400 years.
  constexpr std::int64_t kEraDays = 146'097;
  const Int128 era = (day >= 0 ? day : day - (kEraDays - 1)) / kEraDays;
  const auto of_era = static_cast<std::int64_t>(day - era * kEraDays);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(of_era))};
  return {era * 400 + static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day())};
}

char* append_year(char* out, Int128 year) {
  const Int128 magnitude = year < 0 ? -year : year;
  if (year < 0) *out++ = '-';
  if (magnitude > 9'999) {
    if (year > 0) *out++ = '+';
    return append_int128(out, magnitude);
  }
  const auto digits = static_cast<std::uint32_t>(magnitude);
  write_two_digits(out, digits / 100);
  write_two_digits(out + 2, digits % 100);
  return out + 4;
}

char* append_two_digits(char* out, char before, std::uint32_t value) {
  *out = before;
  write_two_digits(out + 1, value);
  return out + 3;
}

}  // namespace

char* append_date_time(char* out, Int128 seconds, std::int64_t ns, TimeZone zone) {
  constexpr std::int64_t kDaySeconds = 86'400;
  const Int128 day = (seconds >= 0 ? seconds : seconds - (kDaySeconds - 1)) / kDaySeconds;
  const auto of_day = static_cast<std::uint32_t>(seconds - day * kDaySeconds);
  const Date date = date_of(day);
  out = append_year(out, date.year);
  out = append_two_digits(out, '-', date.month);
  out = append_two_digits(out, '-', date.day);
  out = append_two_digits(out, 'T', of_day / 3'600);
  out = append_two_digits(out, ':', of_day / 60 % 60);
  out = append_two_digits(out, ':', of_day % 60);
  *out++ = '.';
  write_six_digits(out, static_cast<std::uint32_t>(ns / 1'000));
  out += 6;
  if (zone == TimeZone::kUtc) *out++ = 'Z';
  return out;
}

}  // namespace metlog
