#include "metlog/internal/text/time_letters.h"

#include <array>

#include "metlog/internal/text/digits.h"

namespace metlog {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

void append_two(std::string& out, int value) {
  char digits[2];
  write_two_digits(digits, static_cast<std::uint32_t>(value) % 100);
  out.append(digits, sizeof digits);
}

int hour_of_twelve(const tm& time) {
  const int hour = time.tm_hour % 12;
  return hour == 0 ? 12 : hour;
}

/// The value of a letter that stands for two digits.
int two_digits_of(char letter, const tm& time) {
  switch (letter) {
    case 'd':
      return time.tm_mday;
    case 'H':
      return time.tm_hour;
    case 'I':
      return hour_of_twelve(time);
    case 'm':
      return time.tm_mon + 1;
    case 'M':
      return time.tm_min;
    case 'S':
      return time.tm_sec;
    default:  // C, y
      return time.tm_year % 100;
  }
}

/// `12:34:56` and the like.
void append_joined(std::string& out, char separator, std::initializer_list<int> values) {
  const char* before = "";
  const char text[2] = {separator, 0};
  for (const int value : values) {
    out += before;
    append_two(out, value);
    before = text;
  }
}

std::string_view half_of(const tm& time) { return time.tm_hour < 12 ? "AM" : "PM"; }

void append_zone(std::string& out, const tm& time) {
  const long seconds = time.tm_gmtoff;
  const long minutes = (seconds < 0 ? -seconds : seconds) / 60;
  out += seconds < 0 ? '-' : '+';
  append_joined(out, ':', {static_cast<int>(minutes / 60), static_cast<int>(minutes % 60)});
}

/// `Thu Jan 17 12:34:56 2013`.
void append_date_and_time(std::string& out, const CalendarSecond& second) {
  append_time_text(out, "%a %b ", second);
  out += std::to_string(second.fields.tm_mday);
  append_time_text(out, " %T %Y", second);
}

}  // namespace

CalendarSecond calendar_second(std::int64_t since_epoch, TimeZone zone) {
  CalendarSecond second{since_epoch, {}};
  const auto time = static_cast<time_t>(since_epoch);
  if (zone == TimeZone::kUtc) {
    gmtime_r(&time, &second.fields);
  } else {
    localtime_r(&time, &second.fields);
  }
  return second;
}

void append_time_letter(std::string& out, char letter, const CalendarSecond& second) {
  const tm& time = second.fields;
  const std::string_view day = kDays[static_cast<std::size_t>(time.tm_wday) % kDays.size()];
  const std::string_view month = kMonths[static_cast<std::size_t>(time.tm_mon) % kMonths.size()];
  switch (letter) {
    case 'a':
      out += day.substr(0, 3);
      return;
    case 'A':
      out += day;
      return;
    case 'b':
    case 'h':
      out += month.substr(0, 3);
      return;
    case 'B':
      out += month;
      return;
    case 'c':
      return append_date_and_time(out, second);
    case 'D':
    case 'x':
      return append_joined(out, '/', {time.tm_mon + 1, time.tm_mday, time.tm_year % 100});
    case 'e':
      if (time.tm_mday < 10) out += ' ';
      out += std::to_string(time.tm_mday);
      return;
    case 'E':
      out += std::to_string(second.since_epoch);
      return;
    case 'p':
      out += half_of(time);
      return;
    case 'r':
      append_joined(out, ':', {hour_of_twelve(time), time.tm_min, time.tm_sec});
      out.append(" ").append(half_of(time));
      return;
    case 'R':
      return append_joined(out, ':', {time.tm_hour, time.tm_min});
    case 'T':
    case 'X':
      return append_joined(out, ':', {time.tm_hour, time.tm_min, time.tm_sec});
    case 'Y':
      out += std::to_string(1900 + time.tm_year);
      return;
    case 'z':
      return append_zone(out, time);
    default:
      return append_two(out, two_digits_of(letter, time));
  }
}

void append_time_text(std::string& out, std::string_view format, const CalendarSecond& second) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
    } else if (format[++i] == '%') {
      out += '%';
    } else {
      append_time_letter(out, format[i], second);
    }
  }
}

}  // namespace metlog
