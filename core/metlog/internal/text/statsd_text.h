#pragma once

#include <string_view>

namespace metlog {

// The parts of statsd lines, `name:value|c`, which clients and metlogd write alike.

/// The characters that end a name, beside controls.
inline constexpr std::string_view kNotInStatsdName = ":|@";

/// Writes a name and returns the end: `::` becomes a dot, controls and what is `excluded` become
/// `_`. `out` has room for the name, and may be where it is.
char* append_statsd_name(char* out, std::string_view name, std::string_view excluded);

/// Writes a finite number and returns the end: digits with a decimal point, and never an exponent,
/// at which statsd's parser would end it. `is_whole` leaves the point out where nothing but zeros
/// would follow. `out` has room for kMaxFixedDoubleBytes.
char* append_statsd_number(char* out, double value, bool is_whole);

/// Returns the number that `text` begins with, after whitespace; 0 when there is none. Infinity for
/// one that is too large for a double; NaN and infinity only when nothing but these is there:
/// "info" is no number.
[[nodiscard]] double leading_number(std::string_view text);

}  // namespace metlog
