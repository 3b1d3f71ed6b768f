#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metlog/severity.h"

namespace metlog {

/// Reads the severity of a message: a number from 0 to 7 or a name in any case: "warning", "warn",
/// "ERR". Empty for anything else.
std::optional<int> parse_severity(std::string_view text);
/// What parse_severity() accepts, for a message: "0 to 7 or emergency, alert, ...".
std::string severity_choices();

/// Reads the level of a logger: a severity, 8 or "trace", or "off" (kSeverityOff).
std::optional<Severity> parse_level(std::string_view text);
/// What parse_level() accepts, for a message: "0 to 8 or emergency, ..., trace, off".
std::string level_choices();
/// Returns the level's name that is the nearest one to a wrong text; empty when none is near.
std::string_view nearest_level(std::string_view text);
/// Returns "emergency" to "trace", or "off"; "?" for what is none.
std::string_view level_word(Severity level);

/// The length of the longest name, "emergency".
inline constexpr int kSeverityWidth = 9;

/// Returns "emergency" to "debug" for 0 to 7, and the digits of any other number.
std::string severity_text(std::int64_t severity);

/// The terminal's code for a severity's colour; empty for NOTICE and less severe ones.
std::string_view severity_colour(std::int64_t severity);

}  // namespace metlog
