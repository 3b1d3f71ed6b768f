#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/codec/layout.h"

namespace metlog {

/// The pattern of `%+`: `[2013-01-18 12:34:56.789] [shop] [info] [orders.cc:42] text key=value`.
inline constexpr std::string_view kDefaultPattern =
    "[%Y-%m-%d %H:%M:%S.%e] [%n] [%^%l%$] [%s:%#] %v%{fields}";

/// Compiles a pattern, of which docs/formats.md lists the letters. kInvalidArgument says at which
/// character it is wrong, and what is near.
absl::StatusOr<Layout> compile_pattern(std::string_view pattern);

}  // namespace metlog
