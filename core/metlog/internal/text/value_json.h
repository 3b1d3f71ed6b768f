#pragma once

#include <string>

#include "metlog/value.h"

namespace metlog {

/// Appends a value as compact JSON, by the rules of the wire: reals as append_json_real() writes
/// them, texts as append_json_text().
void append_value_json(std::string& out, const Value& value);

}  // namespace metlog
