#pragma once

#include "tools/metlog/tune/tune_options.h"

namespace metlog {

/// Tunes, prints what came of it and writes the report; returns the exit code.
int run_tune(const TuneOptions& options);

}  // namespace metlog
