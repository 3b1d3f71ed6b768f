#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/config/ini_scope.h"

namespace metlog {

/// How deep %(name)s may refer to options that refer to options; the option itself is the first.
inline constexpr int kMaxInterpolationDepth = 10;
/// Bytes that one value may grow to, and references that it may take.
inline constexpr std::size_t kMaxInterpolatedBytes = std::size_t{1} << 20;
inline constexpr int kMaxReferences = 10'000;

/// The text with %(name)s replaced by what the scope finds, and %% by %. The name's case does not
/// count. kInvalidArgument says what is wrong with which text, without a place.
absl::StatusOr<std::string> interpolate(std::string_view text, const IniScope& scope);

}  // namespace metlog
