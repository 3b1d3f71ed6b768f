#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// Returns how many characters to insert, remove, replace or swap with the next one turn `a` into
/// `b`, upper and lower case being equal. Takes time in proportion to the product of their lengths.
std::size_t edits_between(std::string_view a, std::string_view b);

/// Returns the name that somebody who wrote `text` most likely meant: one that differs in upper and
/// lower case only, or by a few letters (one for a short text, a third of a longer one); the first
/// of several. Empty when none is near. For the message about a wrong option, key or variable.
std::string_view nearest_name(std::string_view text, std::span<const std::string_view> names);

/// Names from `known` that are similar to `name`, best first, at most three.
std::vector<std::string> suggest_names(std::string_view name,
                                       const std::vector<std::string>& known);

/// The end of a message about an unknown name: `; did you mean 'incr'?`, a list of all known names
/// if none is similar, `; known are ...`, or `; none is known`.
std::string hint_at(std::string_view name, const std::vector<std::string>& known);

}  // namespace metlog
