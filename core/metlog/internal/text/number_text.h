#pragma once

#include <cstddef>
#include <cstdint>

namespace metlog {

/// Room that append_integer and append_unsigned want at `out`; behind a shorter text it may be
/// scribbled on.
inline constexpr std::size_t kMaxIntegerBytes = 20;
/// Room that every function for reals wants at `out`. The longest text, -2.2250738585072014e-308,
/// is shorter; the rest may be scribbled on.
inline constexpr std::size_t kMaxRealBytes = 32;
/// Most bytes append_milliseconds writes.
inline constexpr std::size_t kMaxMillisecondsBytes = 21;

// All functions write decimal ASCII to `out`, without a closing zero byte, and return the end. They
// keep no state and ask no locale: any thread may call them.

char* append_integer(char* out, std::int64_t value);
char* append_unsigned(char* out, std::uint64_t value);

/// A JSON number that reads back as the same real, in as few digits as that takes. It always has a
/// decimal point or an exponent, so that readers keep it a real: 12.0, 0.1, 1e+16, 1.5e-07.
/// The exponent form begins below 1e-4 and at 1e16. NaN and the infinities become null.
char* append_json_real(char* out, double value);
/// The same with the digits that tell this float from its neighbours: 0.1f is 0.1.
char* append_json_real(char* out, float value);

/// The reference's payload of counters and timers: 12 significant digits, trailing zeros dropped,
/// at least one decimal (12.0, 0.333333333333), the exponent form below 1e-4 and from 1e11 on
/// (1.23456789012e+11). Else nan, inf or -inf.
char* append_short_real(char* out, double value);

/// What {} stands for in a log text: the digits of append_json_real, but 1 for 1.0, and nan (of
/// either sign), inf or -inf.
char* append_text_real(char* out, double value);
char* append_text_real(char* out, float value);

/// Nanoseconds as milliseconds with exactly six decimals: 4213 is 0.004213. Nothing is rounded.
char* append_milliseconds(char* out, std::uint64_t ns);

}  // namespace metlog
