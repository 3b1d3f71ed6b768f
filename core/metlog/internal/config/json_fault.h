#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace metlog {

/// The first fault in a text that is not JSON.
struct JsonFault {
  std::size_t at;    // its offset in bytes
  const char* what;  // what is wrong there, or what was expected
};

/// Returns the first fault of a text that a parser has refused, for the message. Returns nothing
/// when only a value is at fault, such as an integer out of range.
std::optional<JsonFault> find_json_fault(std::string_view text, int max_depth);

}  // namespace metlog
