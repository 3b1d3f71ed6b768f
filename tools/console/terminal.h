#pragma once

#include <cstdio>

namespace metlog {

/// Whether the stream is a terminal that can rewrite what stands there (TERM is not dumb).
bool can_redraw(std::FILE* stream);

/// Whether the stream is such a terminal, and NO_COLOR is not set to anything.
bool wants_colours(std::FILE* stream);

}  // namespace metlog
