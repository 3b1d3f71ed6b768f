#pragma once

#include <functional>
#include <utility>

namespace metlog {

// g++ 12 assumes that a call through an unknown pointer to member might be virtual and read a
// vtable from an object that has none. It then warns about reading past the end of a small object,
// in the user's build.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"

/// Does what std::invoke() does, without that warning.
template <class F, class... A>
decltype(auto) invoke_callable(F& function, A&&... args) {
  return std::invoke(function, std::forward<A>(args)...);
}

#pragma GCC diagnostic pop

}  // namespace metlog
