#pragma once

#include <string>

#include "metlog/internal/text/value_text.h"
#include "metlog/value.h"

namespace metlog {

/// Values of fields that were known at run time only, as field_bytes.h has them: their letter
/// stands before them. A letter that is none, as a damaged record may hold, is null, and so is what
/// lies deeper than kMaxValueDepth. Room as for append_json_value().

/// As JSON; a list or map with all that it holds.
char* append_json_field_value(char* out, ByteCursor& bytes);

/// As it stands in a line: a scalar as in a log text, a text as a word, a list or map as JSON that
/// cannot end the line.
char* append_line_field_value(char* out, ByteCursor& bytes);
/// The same, but for a text that is all there is: whole, as append_line_text() writes it.
char* append_line_payload_value(char* out, ByteCursor& bytes);

/// Steps over one.
void skip_field_value(ByteCursor& bytes);

/// Appends a value as compact JSON, by the rules of the wire: reals as append_json_real() writes
/// them, texts as append_json_text().
void append_value_json(std::string& out, const Value& value);

}  // namespace metlog
