#pragma once

#include <cstddef>
#include <string_view>

#include "tools/router/decode/scanned_leaves.h"

namespace metlog {

/// What values were scanned in, and what they held.
struct ValueScan {
  const char* end;         // of the whole text
  std::size_t depth;       // of nested objects and arrays
  unsigned high_bits = 0;  // not 0: there was more than ASCII
  ScannedLeaves leaves{};  // those that scan_value() came by, and what else was noted
};

/// Levels of nesting that a scan follows; what is deeper is for the parser.
inline constexpr std::size_t kDeepestScan = 32;

/// Scans a JSON value as senders usually write it: no blanks but single ones behind `:` and `,`, no
/// extreme numbers, no escaped surrogates. Returns where it ends, null when it is not usual, or no
/// value. `level` counts the objects and arrays around it, and itself if it is one. Reads no more
/// than kFramePadding bytes behind the text.
[[nodiscard]] const char* scan_value(const char* at, ValueScan& scan, std::size_t level);

/// The same of a value that holds no others.
[[nodiscard]] const char* scan_leaf(const char* at, ValueScan& scan);
/// The same of a text; it may hold escapes.
[[nodiscard]] const char* scan_text(const char* at, ValueScan& scan);
/// The same of a text without escapes, whose characters are then in `value`.
[[nodiscard]] const char* scan_plain_text(const char* at, ValueScan& scan, std::string_view& value);

/// How many digits stand here, as far as eight are looked at.
[[nodiscard]] unsigned leading_digits(const char* at);

}  // namespace metlog
