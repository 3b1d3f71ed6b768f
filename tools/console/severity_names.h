#pragma once

#include <optional>
#include <string_view>

namespace metlog {

/// The severity that a number from 0 to 7 or a name stands for, in any case: warning, warn, err.
std::optional<int> parse_severity(std::string_view text);

}  // namespace metlog
