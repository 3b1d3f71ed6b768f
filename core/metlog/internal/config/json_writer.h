#pragma once

#include <string>

#include "metlog/value.h"

namespace metlog {

/// Returns compact JSON: without whitespace, with keys in the map's order. Invalid UTF-8 becomes
/// U+FFFD. Doubles are in their shortest form, with a point or an exponent; NaN and the infinities
/// become null.
std::string to_json(const Value& value);
std::string to_json(const ValueMap& map);

/// Returns JSON for humans: one item per line, indented by two spaces. A list or map stays on one
/// line if it contains no other and fits into 80 characters. No newline at the end.
std::string to_readable_json(const Value& value);

}  // namespace metlog
