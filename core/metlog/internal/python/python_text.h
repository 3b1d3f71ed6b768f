#pragma once

#include <string>
#include <string_view>

#include "metlog/value.h"

namespace metlog {

/// Values as the original's `%s` and `%r` wrote them.

/// None, True, 5, 12.0 (12 significant digits), a text as it is; lists and maps as python_repr().
std::string python_str(const Value& value);
/// The same, but reals in as many digits as tell them from their neighbours and texts quoted, with
/// what is not escape_for_terminal ASCII escaped byte by byte: 'it\xc3\xa9', ['a', 1.5], {'key':
/// None}.
std::string python_repr(const Value& value);
std::string python_quoted(std::string_view text);
/// NoneType, bool, int, long, float, str, list, dict.
std::string_view python_type(const Value& value);

}  // namespace metlog
