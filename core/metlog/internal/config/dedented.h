#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// The text without the blanks and tabs that all its lines begin with; lines of nothing but blanks
/// and tabs become empty and do not count. A tab and blanks have nothing in common.
std::string dedented(std::string_view text);

}  // namespace metlog
