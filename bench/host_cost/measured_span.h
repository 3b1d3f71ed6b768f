#pragma once

#include <sys/types.h>

#include <cstdint>

#include "bench/host_cost/measurement.h"
#include "bench/host_cost/process_counters.h"

namespace metlog {

/// CLOCK_MONOTONIC in ns.
std::uint64_t monotonic_ns();
void sleep_until(std::uint64_t time_ns);
void sleep_for_s(double seconds);

/// What the kernel counts for this process, and for metlogd, from its construction to report().
class MeasuredSpan {
 public:
  /// `router` is metlogd's id; 0 for none.
  explicit MeasuredSpan(pid_t router);

  [[nodiscard]] double seconds() const;
  /// Adds the counts to the figures and the threads. `load_s` is the time that rates are per second
  /// of.
  void report(double load_s, Measurement& measurement) const;

 private:
  const pid_t router_;
  CounterSnapshot router_before_;
  CounterSnapshot host_before_;
  double machine_before_s_ = 0;
  std::uint64_t begin_ns_ = 0;
};

}  // namespace metlog
