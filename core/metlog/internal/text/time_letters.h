#pragma once

#include <time.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

/// A second of the calendar.
struct CalendarSecond {
  std::int64_t since_epoch;
  tm fields;
};

CalendarSecond calendar_second(std::int64_t since_epoch, TimeZone zone);

/// The letters that append_time_letter() knows: those of spdlog that a whole second decides.
inline constexpr std::string_view kTimeLetters = "aAbBcCdDEhHImMprRSTxXyYz";

/// Appends what such a letter stands for: `Y` 2013, `z` +02:00. Names are English in every locale.
/// Also takes `e`, the day after a blank if it has one digit, which stands for milliseconds in
/// patterns.
void append_time_letter(std::string& out, char letter, const CalendarSecond& second);

/// Appends a text in which `%` and such a letter stand for parts of the time.
void append_time_text(std::string& out, std::string_view format, const CalendarSecond& second);

}  // namespace metlog
