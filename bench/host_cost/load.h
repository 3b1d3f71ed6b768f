#pragma once

#include <sys/types.h>

#include <cstdint>

#include "bench/host_cost/cost_case.h"
#include "bench/host_cost/cost_subject.h"
#include "bench/host_cost/measurement.h"

namespace metlog {

struct LoadOptions {
  double seconds = 1;
  double steps_per_us = 1;  // of compute(); the same for all subjects
  pid_t router = 0;         // metlogd, whose counts are taken too; 0 for none
};

/// Opens the subject in this process, does what the case says and reports it. The figures have what
/// the kernel counted from the start of the load to its end, both processes' threads by name, and
/// the subject's books: `emitted`, `taken`, `lost`. Messages of Workload::kLatency have the
/// CLOCK_MONOTONIC of their call as id, others a number; those of the warm-up have 0.
Measurement run_load(const CostCase& cost_case, const CostSubjectKind& kind, const CostPlace& place,
                     const LoadOptions& options);

}  // namespace metlog
