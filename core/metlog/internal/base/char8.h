#pragma once

namespace metlog {

/// The type of u8 characters; one that nothing has where the compiler knows none (-fno-char8_t).
#ifdef __cpp_char8_t
using Char8 = char8_t;
#else
enum class Char8 : unsigned char {};
#endif

}  // namespace metlog
