#pragma once

namespace metlog {

// The standard has no names for these.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;
#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 Float128;
#else
using Float128 = long double;
#endif

}  // namespace metlog
