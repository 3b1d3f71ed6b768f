#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <string_view>

namespace metlog {

/// Syslog's levels (RFC 5424), and one below; the lower the number, the more severe.
enum class Severity : std::int8_t {
  kEmergency = 0,
  kAlert = 1,
  kCritical = 2,
  kError = 3,
  kWarning = 4,
  kNotice = 5,
  kInfo = 6,
  kDebug = 7,
  kTrace = 8,  // finer than DEBUG; 7 in messages, since syslog has no number for it
};

/// As a minimum: no call passes. No call has it.
inline constexpr Severity kSeverityOff{-1};

/// Instead of a severity's number: the client's own severity.
inline constexpr std::int32_t kSeverityNotGiven = INT32_MIN;

/// Returns the name of RFC 5424, such as "WARNING", or "TRACE"; "?" for any other number.
constexpr std::string_view name_of(Severity severity) {
  constexpr std::string_view kNames[] = {"EMERGENCY",     "ALERT",   "CRITICAL",
                                         "ERROR",         "WARNING", "NOTICE",
                                         "INFORMATIONAL", "DEBUG",   "TRACE"};
  const auto number = static_cast<std::int8_t>(severity);
  return number >= 0 && number <= 8 ? kNames[number] : std::string_view("?");
}

/// Returns the number that messages of log calls have: 0 to 7.
constexpr int number_of(Severity severity) {
  return severity == Severity::kTrace ? static_cast<int>(Severity::kDebug)
                                      : static_cast<int>(severity);
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
