#pragma once

#include <exception>
#include <string>

namespace metlog {

/// "<type>: <what()>" of an exception, the type's name demangled; the type alone for one without
/// a what(); "None" for a null pointer.
std::string exception_text(const std::exception_ptr& error = std::current_exception());

}  // namespace metlog
