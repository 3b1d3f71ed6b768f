#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metlog {

/// Reads a number from 0 to 7 or a name in any case: "warning", "warn", "ERR". Empty for anything
/// else.
std::optional<int> parse_severity(std::string_view text);

/// What parse_severity() accepts, for a message: "0 to 7 or emergency, alert, ...".
std::string severity_choices();

/// The length of the longest name, "emergency".
inline constexpr int kSeverityWidth = 9;

/// Returns "emergency" to "debug" for 0 to 7, and the digits of any other number.
std::string severity_text(std::int64_t severity);

/// The terminal's code for a severity's colour; empty for NOTICE and less severe ones.
std::string_view severity_colour(std::int64_t severity);

}  // namespace metlog
