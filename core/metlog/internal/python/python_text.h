#pragma once

#include <string>
#include <string_view>

#include "metlog/value.h"

namespace metlog {

// Values as the original's `%s` and `%r` wrote them.

/// Returns None, True, 5, 12.0 (12 significant digits) or a string unchanged; lists and maps as
/// python_repr().
std::string python_str(const Value& value);
/// Differs from python_str() in doubles, which read back as the same double, and in strings, which
/// python_quote() quotes: ['a', 1.5], {'key': None}.
std::string python_repr(const Value& value);
/// Returns the string in quotes; escapes all but printable ASCII byte by byte: 'it\xc3\xa9'.
std::string python_quote(std::string_view text);
/// Returns NoneType, bool, int, long, float, str, list or dict.
std::string_view python_type(const Value& value);

}  // namespace metlog
