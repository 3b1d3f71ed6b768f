#pragma once

#include <functional>
#include <utility>

namespace metlog {

// g++ 12 believes that a call through a pointer to a member, whose value it does not know, might
// be virtual and look for a table in an object that has none: it warns of reading behind the end of
// a small one, in the user's build.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"

/// What std::invoke() does.
template <class F, class... A>
decltype(auto) invoke_callable(F& function, A&&... args) {
  return std::invoke(function, std::forward<A>(args)...);
}

#pragma GCC diagnostic pop

}  // namespace metlog
