#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// Returns text of a peer in a form that is safe for a terminal. Escapes the characters that
/// is_unprintable() names and bytes that are not UTF-8: \x1b, \u202e.
std::string escape_for_terminal(std::string_view text);

/// Returns at most `width` characters of what escape_for_terminal() returned; a ~ replaces the last
/// one if it cuts.
std::string cut_to_width(std::string_view text, std::size_t width);

/// Returns the number of characters, as if each were one column wide.
std::size_t width_of(std::string_view text);

/// Returns the number with separators: 1,234,567.
std::string grouped(std::uint64_t number);

}  // namespace metlog
