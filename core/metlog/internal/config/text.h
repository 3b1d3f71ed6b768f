#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// The text for a message: in quotes, controls and invalid bytes escaped, cut when it is long.
std::string quoted(std::string_view text);

/// The text, escaped and cut alike, without quotes of its own: a JSON text, a name.
std::string shown(std::string_view text);

}  // namespace metlog
