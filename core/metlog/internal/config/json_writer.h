#pragma once

#include <string>

#include "metlog/value.h"

namespace metlog {

/// Compact JSON: no blanks, keys in the map's order, UTF-8 as it is (invalid bytes become U+FFFD),
/// reals in the shortest form with a point or an exponent, NaN and the infinities null.
std::string to_json(const Value& value);
std::string to_json(const ValueMap& map);

/// The same for humans: a member or item a line, indented by two blanks; lists and maps without
/// lists and maps inside, and of at most 80 characters, stay on one line. No newline at the end.
std::string to_readable_json(const Value& value);

}  // namespace metlog
