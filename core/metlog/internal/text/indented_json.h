#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// Returns the JSON as the reference writes it for readers: one member or item per line, indented
/// by four spaces per level, with a space after the colon and none after the comma. Empty lists and
/// objects stay on one line. DEL and everything that is not ASCII is escaped. `json` is valid and
/// has no whitespace between tokens; invalid UTF-8 becomes U+FFFD.
std::string indented_json(std::string_view json);

}  // namespace metlog
