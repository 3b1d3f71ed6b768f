#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "metlog/exception_text.h"

namespace metlog {

/// One exception, and the exception that caused it.
struct Thrown {
  std::string type;          // demangled
  std::string what;          // empty for an exception without a text
  std::exception_ptr cause;  // of std::throw_with_nested(); null for none

  /// `<type>: <what>`, or the type alone.
  [[nodiscard]] std::string text() const;
};

/// Describes an exception of the program; the type is "None" without one.
Thrown describe(const ExceptionRef& error);
Thrown describe(const std::exception_ptr& error);

/// A call on a stack.
struct StackFrame {
  std::string function;       // demangled; empty when the object does not export it
  std::string object;         // the file of the program or library; "?" when unknown
  std::uintptr_t offset = 0;  // from the function's begin, or the object's without a function
};

/// Returns the calling thread's stack with the outermost function first, at most 48 frames.
/// Functions that the program does not export have no name: link with -rdynamic to see them. Leaves
/// out the frames of the library itself at the inner end, at most `own`: with the static library
/// they look like the program's.
std::vector<StackFrame> stack_frames(int own);

}  // namespace metlog
