#pragma once

#include <sys/types.h>

#include <cstdint>

#include "absl/status/status.h"
#include "bench/host_cost/cost_case.h"
#include "bench/host_cost/cost_subject.h"
#include "bench/host_cost/measurement.h"

namespace metlog {

/// Tells why Workload::kHttp cannot be measured here, and the next step: it needs the load
/// generator wrk, and cpp-httplib when the benchmark is built.
absl::Status check_http_load();

/// Serves pages on a port of 127.0.0.1 to wrk's 8 connections for whole seconds; each request logs
/// CostCase::messages messages through the subject. Adds what MeasuredSpan counts, `load_s`, and
/// `requests_per_s` as wrk says it. Returns the number of calls. An error of wrk or of a request is
/// the measurement's.
std::uint64_t run_http_load(const CostCase& cost_case, CostSubject& subject, double seconds,
                            pid_t router, Measurement& measurement);

}  // namespace metlog
