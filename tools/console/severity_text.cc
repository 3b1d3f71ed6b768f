#include "tools/console/severity_text.h"

#include <array>
#include <iterator>

namespace metlog {

std::string severity_text(std::int64_t severity) {
  constexpr std::array<const char*, 8> kNames = {"emergency", "alert",  "critical", "error",
                                                 "warning",   "notice", "info",     "debug"};
  if (severity < 0 || severity >= std::ssize(kNames)) return std::to_string(severity);
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view severity_colour(std::int64_t severity) {
  if (severity < 0 || severity > 4) return "";
  return severity == 4 ? "\x1b[33m" : "\x1b[31m";
}

}  // namespace metlog
