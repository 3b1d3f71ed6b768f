#pragma once

#include <string_view>

namespace metlog {

/// Writes a JSON value as OTLP's AnyValue and returns the end: `{"intValue":"7"}`,
/// `{"arrayValue":{"values":[..]}}`; null as `{}`. `json` is compact and valid, and does not
/// overlap `out`. The output is at most 16 times as long, and 32 bytes more.
char* append_any_value(char* out, std::string_view json);

/// Does the same for a value that is no array and no object and is at `begin` to `end` already.
char* wrap_any_value(char* begin, char* end);

}  // namespace metlog
