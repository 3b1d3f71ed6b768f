#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace metlog {

/// The first thing that keeps a text from being JSON.
struct JsonFault {
  std::size_t at;    // its offset in bytes
  const char* what;  // what stands there, or what should
};

/// Looks at a text that a parser has refused, for the message. Nothing when only the values are at
/// fault, such as a number out of range.
std::optional<JsonFault> find_json_fault(std::string_view text, int max_depth);

}  // namespace metlog
