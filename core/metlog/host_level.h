#pragma once

#include <cstdint>

#include "metlog/severity.h"

namespace metlog {

/// A level of a host's logging library, in the numbers of the reference's host. Any number is one.
enum class HostLevel : int {
  kDebug = 10,
  kInfo = 20,
  kWarning = 30,
  kError = 40,
  kCritical = 50,
};

/// The level of a message: CRITICAL for 0 to 2, ERROR for 3, WARNING for 4, INFO for 5 and 6, DEBUG
/// for 7; WARNING for any other number.
constexpr HostLevel host_level_of(std::int64_t severity) {
  constexpr HostLevel kLevels[] = {HostLevel::kCritical, HostLevel::kCritical, HostLevel::kCritical,
                                   HostLevel::kError,    HostLevel::kWarning,  HostLevel::kInfo,
                                   HostLevel::kInfo,     HostLevel::kDebug};
  return severity >= 0 && severity <= 7 ? kLevels[severity] : HostLevel::kWarning;
}

/// The severity of the named level that is nearest; of two, of the more severe: DEBUG 7, INFO 6,
/// WARNING 4, ERROR 3, CRITICAL 2.
constexpr Severity severity_of(HostLevel level) {
  const int number = static_cast<int>(level);
  if (number >= 45) return Severity::kCritical;
  if (number >= 35) return Severity::kError;
  if (number >= 25) return Severity::kWarning;
  return number >= 15 ? Severity::kInfo : Severity::kDebug;
}

}  // namespace metlog
