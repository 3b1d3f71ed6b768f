#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/config/convert.h"
#include "metlog/internal/config/ini.h"
#include "metlog/value.h"

namespace metlog {

/// What the sections of a document that belong to `section` say, prefixes not yet nested: its
/// options, converted, "filters" and "plugins". Only texts of these sections are interpolated.
/// Errors as dict_from_text_config.
absl::StatusOr<ValueMap> dict_from_ini(const IniDocument& document, std::string_view section,
                                       const Environment& environment);

/// How deep %(name)s may refer to options that refer to options; the option itself is the first.
inline constexpr int kMaxInterpolationDepth = 10;
/// Bytes that one value may grow to, and references that it may take.
inline constexpr std::size_t kMaxInterpolatedBytes = std::size_t{1} << 20;
inline constexpr int kMaxReferences = 10'000;

/// The text with %(name)s replaced by what the scope finds, and %% by %. The name's case does not
/// count. kInvalidArgument says what is wrong with which text, without a place.
absl::StatusOr<std::string> interpolate(std::string_view text, const IniScope& scope);

}  // namespace metlog
