#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// Returns the name of a function whose signature g++ or clang has written, as RegisteredSite has
/// it: `shop::Cart::add` of `shop::Cart::add(int) const`, `main::<lambda>`; without arguments and
/// unnamed namespaces.
std::string bare_function_name(std::string_view signature);

}  // namespace metlog
