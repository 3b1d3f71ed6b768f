#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metlog {

/// The severity that a number from 0 to 7 or a name stands for, in any case: warning, warn, err.
std::optional<int> parse_severity(std::string_view text);

/// The longest name a severity from 0 to 7 has: "emergency".
inline constexpr int kSeverityWidth = 9;

/// "emergency" to "debug" for 0 to 7; any other number as it is.
std::string severity_text(std::int64_t severity);

/// The terminal's code for a severity's colour; empty for NOTICE and less severe.
std::string_view severity_colour(std::int64_t severity);

}  // namespace metlog
