#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// The same JSON as the reference shows it to readers: a member or item a line, four blanks a
/// level, a blank behind the colon and none behind the comma; empty lists and objects stay on one
/// line; DEL and all that is not ASCII is escaped. `json` is valid and has no blanks; bytes that
/// are not UTF-8 become U+FFFD.
std::string indented_json(std::string_view json);

}  // namespace metlog
