#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

/// The text without JSON's blanks around it.
std::string_view trim_json_blanks(std::string_view text);

/// Where the object or array that begins the text ends; npos when it has no end or the text begins
/// with neither. Looks at brackets and quotes only: what lies between may be no JSON at all.
std::size_t end_of_first_value(std::string_view text);

}  // namespace metlog
