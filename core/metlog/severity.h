#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <string_view>

namespace metlog {

/// Syslog's levels (RFC 5424); the lower the number, the more severe.
enum class Severity : std::int8_t {
  kEmergency = 0,
  kAlert = 1,
  kCritical = 2,
  kError = 3,
  kWarning = 4,
  kNotice = 5,
  kInfo = 6,
  kDebug = 7,
};

/// Instead of a severity's number: the client's own severity.
inline constexpr std::int32_t kSeverityNotGiven = INT32_MIN;

/// Returns the name of RFC 5424, such as "WARNING"; "?" for a number outside 0..7.
constexpr std::string_view name_of(Severity severity) {
  constexpr std::string_view kNames[] = {"EMERGENCY", "ALERT",  "CRITICAL",      "ERROR",
                                         "WARNING",   "NOTICE", "INFORMATIONAL", "DEBUG"};
  const auto number = static_cast<std::int8_t>(severity);
  return number >= 0 && number <= 7 ? kNames[number] : std::string_view("?");
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
