#pragma once

#include "tools/metlog/tune/measure/row.h"

namespace metlog {

/// Returns a row without fault and with these figures.
inline Row clean_row(double call_ns, double per_second) {
  Row row;
  row.axis = Axis::kRing;
  for (Percentiles* times : {&row.burst, &row.single}) {
    times->samples = 2000;
    times->curve.fill(call_ns);
  }
  row.latency.emitted = row.latency.delivered = 100;
  row.throughput.emitted = row.throughput.delivered = 1'000'000;
  row.throughput.seconds = 1e6 / per_second;
  row.throughput.cpu_s = 1;
  row.throughput.peak_rss_bytes = 10'000'000;
  return row;
}

/// Returns a row with these figures whose throughput is at fault.
inline Row faulty_row(double call_ns, double per_second, Fault fault) {
  Row row = clean_row(call_ns, per_second);
  row.throughput.fault = fault;
  row.throughput.remark = "at fault";
  return row;
}

}  // namespace metlog
