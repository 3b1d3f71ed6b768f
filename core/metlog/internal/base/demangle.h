#pragma once

#include <string>

namespace metlog {

/// A C++ name as people write it; as it is when it cannot be read.
std::string demangle(const char* name);

/// The calling thread's stack, the outermost function first, a line each:
/// "  shop::pay(int)+0x1f [/usr/bin/shop]". Functions that the program does not export have no
/// name: link with -rdynamic to see them. At most 48 frames, those of the library itself left out.
std::string stack_text();

}  // namespace metlog
