#pragma once

#include <string_view>

namespace metlog {

/// True for decimal digits that name a port, 0 to 65535.
bool is_port(std::string_view text);

}  // namespace metlog
