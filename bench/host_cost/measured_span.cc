#include "bench/host_cost/measured_span.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace metlog {
namespace {

constexpr double kNsPerS = 1e9;

std::map<std::string, double, std::less<>> figures_of(const KernelCounts& counts, double seconds) {
  const auto writes = static_cast<double>(counts.writes);
  const auto bytes = static_cast<double>(counts.written_bytes);
  return {{"cpu_percent", 100 * counts.cpu_s / seconds},
          {"voluntary_per_s", static_cast<double>(counts.voluntary) / seconds},
          {"involuntary_per_s", static_cast<double>(counts.involuntary) / seconds},
          {"writes_per_s", writes / seconds},
          {"bytes_per_write", writes > 0 ? bytes / writes : 0}};
}

void add(const std::string& process, const std::string& prefix, const ProcessUse& use,
         double load_s, Measurement& measurement) {
  measurement.figures[prefix + "cpu_s"] = use.whole.cpu_s;
  for (const auto& [name, value] : figures_of(use.whole, load_s)) {
    measurement.figures[prefix + name] = value;
  }
  for (const ThreadUse& threads : use.by_name) {
    auto figures = figures_of(threads.counts, load_s);
    figures["threads"] = static_cast<double>(threads.threads);
    measurement.threads.push_back({process, threads.name, std::move(figures)});
  }
}

}  // namespace

std::uint64_t monotonic_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

void sleep_until(std::uint64_t time_ns) {
  const timespec time{static_cast<time_t>(time_ns / 1'000'000'000),
                      static_cast<long>(time_ns % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

void sleep_for_s(double seconds) {
  sleep_until(monotonic_ns() + static_cast<std::uint64_t>(seconds * kNsPerS));
}

MeasuredSpan::MeasuredSpan(pid_t router) : router_(router) {
  if (router_ != 0) router_before_ = CounterSnapshot::at_begin(router_);
  host_before_ = CounterSnapshot::at_begin(getpid());
  machine_before_s_ = machine_busy_s();
  begin_ns_ = monotonic_ns();
}

double MeasuredSpan::seconds() const {
  return static_cast<double>(monotonic_ns() - begin_ns_) / kNsPerS;
}

void MeasuredSpan::report(double load_s, Measurement& measurement) const {
  const double span_s = seconds();
  const double machine_s = machine_busy_s() - machine_before_s_;
  const ProcessUse host = CounterSnapshot::at_end(getpid()).since(host_before_);
  add("host", "", host, load_s, measurement);
  double known_s = host.whole.cpu_s;
  if (router_ != 0) {
    const ProcessUse router = CounterSnapshot::at_end(router_).since(router_before_);
    add("metlogd", "router_", router, load_s, measurement);
    known_s += router.whole.cpu_s;
  }
  measurement.figures["span_s"] = span_s;
  measurement.figures["others_percent"] = 100 * std::max(machine_s - known_s, 0.0) / span_s;
}

}  // namespace metlog
