#include "metlog/internal/text/timestamp_text.h"

#include <chrono>
#include <cstring>

#include "metlog/internal/text/digits.h"

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

}  // namespace metlog
