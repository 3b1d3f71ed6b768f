#pragma once

#include <string>
#include <string_view>

#include "metlog/internal/text/value_text.h"
#include "metlog/value.h"

namespace metlog {

// Values whose type is known at run time only: the values of fields and payloads in a record, and
// Value in memory. Both follow the rules of the wire: doubles as append_json_double() writes them,
// strings as append_json_text().
//
// In a record a letter precedes the value (field_bytes.h). A damaged record may hold an unknown
// letter, or values nested deeper than kMaxValueDepth; both become null. The first three functions
// return the end of the output, need the room of append_json_value() and move `bytes` past the
// value.

/// Writes JSON; a list or map with its items.
char* append_json_field_value(char* out, ByteCursor& bytes);

/// Writes the value of a field in a line: a scalar as in a log text, a string as a word, a list or
/// map as JSON that cannot end the line.
char* append_line_field_value(char* out, ByteCursor& bytes);
/// Writes text escaped, as append_line_text() does.
using AppendText = char*(char* out, std::string_view text);
/// Writes a payload as text: strings by `append_text`, the JSON of lists and maps by `append_json`.
char* append_payload_value(char* out, ByteCursor& bytes, AppendText* append_text,
                           AppendText* append_json);

/// Moves `bytes` past one value.
void skip_field_value(ByteCursor& bytes);

/// True when a later entry of the map is written with the same key, see is_same_json_text(): that
/// one is written, this one is not. A filter may have set such keys.
[[nodiscard]] bool is_overwritten(const ValueMap& map, const ValueEntry& entry);

/// Appends a value as compact JSON.
void append_value_json(std::string& out, const Value& value);
void append_value_json(std::string& out, const ValueMap& map);

}  // namespace metlog
