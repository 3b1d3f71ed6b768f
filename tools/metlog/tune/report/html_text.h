#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// Fit to stand in HTML and SVG, in attributes too.
std::string html_text(std::string_view text);

}  // namespace metlog
