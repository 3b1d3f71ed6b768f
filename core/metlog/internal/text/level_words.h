#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// The words of the severities 0 to 7, and of TRACE, that formats of other systems have: those that
/// Loki and Grafana know.
inline constexpr std::array<std::string_view, 9> kLevelWords = {
    "emerg", "alert", "critical", "error", "warning", "notice", "info", "debug", "trace"};

/// The word of a severity from 0 to 7, and the digits of any other number.
inline std::string level_word_of(std::int64_t severity) {
  const bool has_word = severity >= 0 && severity < 8;
  return has_word ? std::string(kLevelWords[static_cast<std::size_t>(severity)])
                  : std::to_string(severity);
}

}  // namespace metlog
