#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// Most lists and maps inside each other that parse_json takes, empty ones not counted.
inline constexpr int kMaxJsonDepth = 64;

/// One JSON value; blanks around it, and a byte order mark before it, are ignored. A number without
/// point and exponent is an integer, beyond 64 bits Digits. Of a key that stands twice in an object
/// the last value counts, as in the original. Each value knows its origin(): line and path.
/// kInvalidArgument names file, line, column and what is wrong; `file` is for messages alone.
absl::StatusOr<Value> parse_json(std::string_view text, std::string_view file = "<text>");

}  // namespace metlog
