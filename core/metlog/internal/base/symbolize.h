#pragma once

#include <string>

namespace metlog {

/// Returns the readable form of a mangled C++ name; the name itself when it is not a mangled one.
std::string demangle(const char* name);

/// Returns the calling thread's stack with the outermost function first, one line for each frame:
/// "  shop::pay(int)+0x1f [/usr/bin/shop]". Functions that the program does not export have no
/// name: link with -rdynamic to see them. At most 48 frames, without those of the library itself.
std::string stack_trace();

}  // namespace metlog
