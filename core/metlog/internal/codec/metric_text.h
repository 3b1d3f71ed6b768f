#pragma once

#include "metlog/internal/codec/compiled_format.h"

namespace metlog {

/// Writes a counter's count: an integer as it is, a real with 12 significant digits; no text.
char* append_count(char* out, const PlannedArg& arg, const ArgBytes& bytes);

}  // namespace metlog
