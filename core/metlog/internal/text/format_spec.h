#pragma once

#include <cstddef>
#include <string_view>

#include "metlog/internal/text/value_text.h"

namespace metlog {

/// The most bytes that a specification adds to a value; 0 for an empty one.
std::size_t spec_text_growth(std::string_view spec);

/// Writes a scalar as the format's specification asks (`>8.3f`), unescaped; returns the
/// end. A specification that does not fit the type, which only a format made at run time can have,
/// is shown instead of followed: `{?>8.3f}`.
char* append_with_spec(char* out, std::string_view spec, std::string_view code, ByteCursor& bytes);

/// The same for a text.
char* append_text_with_spec(char* out, std::string_view spec, std::string_view text);

}  // namespace metlog
