#pragma once

#include <string>

#include "bench/host_cost/cost_case.h"
#include "bench/host_cost/cost_subject.h"
#include "bench/host_cost/measurement.h"

namespace metlog {

struct MeasureOptions {
  double seconds = 1;
  double steps_per_us = 1;
  std::string directory;  // for the files; each measurement removes its own
  std::string metlogd;    // the program
};

/// Measures one subject in one case, in a process of its own, and settles the books: `delivered`
/// are the lines in the file, and `unaccounted` is what is left of `emitted` without `delivered`
/// and `lost`. Adds the figures that follow from the counts. Used by one thread.
Measurement measure(const CostCase& cost_case, const CostSubjectKind& kind,
                    const MeasureOptions& options);

/// Adds the figures that compare with no logging in the same round: `kept_percent`,
/// `us_per_message`, `router_us_per_message`, and those whose names end in `_above`.
void compare_with_baseline(const CostCase& cost_case, const Measurement& baseline,
                           Measurement& measurement);

}  // namespace metlog
