#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// Those of `known` that somebody may have meant who wrote `name`, best first, at most three.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known);

/// For the end of a message about an unknown name: `; did you mean 'incr'?`, or a list of all that
/// is known where nothing is near: `; known are ...`, or `; none is known`.
std::string hint_at(std::string_view name, const std::vector<std::string>& known);

}  // namespace metlog
