#pragma once

#include <cstddef>

namespace metlog {

/// What values were scanned in, and what they held.
struct ValueScan {
  const char* end;         // of the whole text
  std::size_t depth;       // of nested objects and arrays
  unsigned high_bits = 0;  // not 0: there was more than ASCII
};

/// Levels of nesting that a scan follows; what is deeper is for the parser.
inline constexpr std::size_t kDeepestScan = 32;

/// Scans a JSON value as senders usually write it: no blanks but single ones behind `:` and `,`, no
/// extreme numbers, no escaped surrogates. Returns where it ends, null when it is not usual, or no
/// value. `level` counts the objects and arrays around it, and itself if it is one. Reads no more
/// than kFramePadding bytes behind the text.
[[nodiscard]] const char* scan_value(const char* at, ValueScan& scan, std::size_t level);

/// The same of a text; it may hold escapes.
[[nodiscard]] const char* scan_text(const char* at, ValueScan& scan);

/// How many digits stand here, as far as eight are looked at.
[[nodiscard]] unsigned leading_digits(const char* at);

}  // namespace metlog
