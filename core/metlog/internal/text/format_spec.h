#pragma once

#include <cstddef>
#include <string_view>

#include "metlog/internal/text/value_text.h"

namespace metlog {

/// Returns the maximum of bytes that a specification adds to a value; 0 for an empty one.
std::size_t spec_text_growth(std::string_view spec);

/// Writes a scalar by the format's specification (`>8.3f`), unescaped, and returns the end. Only a
/// format made at run time can have a specification that does not fit the type; it is written
/// instead of the value: `{?>8.3f}`.
char* append_with_spec(char* out, std::string_view spec, std::string_view code, ByteCursor& bytes);

/// Does the same for a string.
char* append_text_with_spec(char* out, std::string_view spec, std::string_view text);

}  // namespace metlog
