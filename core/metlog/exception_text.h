#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "metlog/exception_ref.h"

namespace metlog {

/// "<type>: <what()>" of an exception, the type's name demangled; the type alone for one without
/// a what(); "None" for a null pointer. Where std::throw_with_nested() was at work, a further line
/// "caused by <type>: <what()>" for each cause, at most 16. Ends in no newline.
std::string exception_text(const ExceptionRef& error = std::current_exception());

/// The same as it stands behind a text: after a newline, unless the text ends in one already.
std::string exception_after(std::string_view text,
                            const ExceptionRef& error = std::current_exception());

}  // namespace metlog
