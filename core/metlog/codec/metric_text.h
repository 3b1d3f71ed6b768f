#pragma once

#include "metlog/codec/site_plan.h"

namespace metlog {

/// Writes a counter's count: an integer as it is, a real with 12 significant digits; no text.
char* append_count(char* out, const PlannedArg& arg, const ArgBytes& bytes);

}  // namespace metlog
