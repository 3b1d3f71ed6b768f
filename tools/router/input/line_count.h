#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

/// How many newlines there are in a text.
[[nodiscard]] std::size_t count_lines(std::string_view text);

}  // namespace metlog
