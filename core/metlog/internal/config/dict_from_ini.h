#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/config/environment.h"
#include "metlog/internal/config/ini.h"
#include "metlog/value.h"

namespace metlog {

/// What the sections of a document that belong to `section` say, prefixes not yet nested: its
/// options, converted, "filters" and "plugins". Only texts of these sections are interpolated.
/// Errors as dict_from_text_config.
absl::StatusOr<ValueMap> dict_from_ini(const IniDocument& document, std::string_view section,
                                       const Environment& environment);

}  // namespace metlog
