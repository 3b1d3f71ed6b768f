#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/base/int128.h"

namespace metlog {

// Numbers as decimal ASCII. Every function writes to `out`, without a terminating zero byte, and
// returns the end. It may overwrite the rest of the room that it requires. The functions keep no
// state and use no locale: any thread may call them.

/// Room that append_int() and append_uint() require at `out`.
inline constexpr std::size_t kMaxIntBytes = 20;
/// Room that every function for doubles and floats requires at `out`. The longest output,
/// -2.2250738585072014e-308, is shorter.
inline constexpr std::size_t kMaxDoubleBytes = 32;
/// The maximum that append_milliseconds() writes.
inline constexpr std::size_t kMaxMillisecondsBytes = 21;

/// Room that append_int128() and append_uint128() require.
inline constexpr std::size_t kMaxInt128Bytes = 40;

char* append_int(char* out, std::int64_t value);
char* append_uint(char* out, std::uint64_t value);

char* append_int128(char* out, Int128 value);
char* append_uint128(char* out, Uint128 value);

/// Writes nanoseconds as milliseconds with exactly six decimals: 4213 is 0.004213.
char* append_milliseconds(char* out, std::uint64_t ns);

/// Writes a JSON number in the fewest digits that read back as the same double. It always has a
/// decimal point or an exponent, so that readers keep it a double: 12.0, 0.1, 1e+16, 1.5e-07.
/// The exponent form begins below 1e-4 and at 1e16. NaN and the infinities become null.
char* append_json_double(char* out, double value);
/// Does the same in the fewest digits that read back as the same float: 0.1f is 0.1.
char* append_json_double(char* out, float value);

/// Writes a double as `{}` does in a log text: as append_json_double(), but 1 for 1.0, and nan (of
/// either sign), inf or -inf.
char* append_text_double(char* out, double value);
char* append_text_double(char* out, float value);

/// Room that append_fixed_double() requires at `out`. Its longest output is a sign, a 0 and 325
/// decimals.
inline constexpr std::size_t kMaxFixedDoubleBytes = 336;
/// Does the same as append_json_double() without ever an exponent: 0.00001, 10000000000000000.0.
/// For statsd and other formats whose readers end a number at the `e`.
char* append_fixed_double(char* out, double value);
/// True for a value that append_text_double() can write as a double: not for one beyond double's
/// range, nor for one below it, which would become zero or lose most digits.
[[nodiscard]] bool fits_double(long double value);
/// Does the same as append_text_double() for the nearest double if the value fits_double(), and
/// else writes its own digits: 1e+310.
char* append_text_double(char* out, long double value);

/// Writes the payload of the reference's counters and timers: 12 significant digits without
/// trailing zeros, with at least one decimal (12.0, 0.333333333333). The exponent form begins below
/// 1e-4 and at 1e11 (1.23456789012e+11). NaN and the infinities become nan, inf and -inf.
char* append_short_double(char* out, double value);

/// True for a text that JSON takes as a number.
[[nodiscard]] bool is_json_number(std::string_view text);

}  // namespace metlog
