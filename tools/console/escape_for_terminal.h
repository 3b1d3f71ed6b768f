#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// The text fit for a terminal, whatever a peer put into it: control characters, those of Unicode
/// that turn the writing direction or are invisible, and bytes that are no UTF-8 stand there as
/// \x1b or \u202e.
std::string escape_for_terminal(std::string_view text);

/// At most `width` characters of what escape_for_terminal() returned, a ~ in place of the last when
/// cut.
std::string cut_to_width(std::string_view text, std::size_t width);

/// Characters of valid UTF-8, each taken to be one column wide.
std::size_t width_of(std::string_view text);

/// 1,234,567
std::string grouped(std::uint64_t number);

}  // namespace metlog
