#include "metlog/internal/base/clock.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "metlog/internal/base/ticks.h"

namespace metlog {
namespace {

constexpr std::int64_t kFirstReadingNs = 20'000'000;
constexpr double kOne = 4294967296.0;  // 1.0 in 32.32

std::int64_t read_ns(clockid_t id) {
  timespec now;
  clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// Takes the narrowest of a few readings, so that an interrupt inside of one does no harm.
ClockReading read_clocks() {
  ClockReading best{};
  std::uint64_t best_width = UINT64_MAX;
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t before = steady_ticks();
    const std::int64_t utc = read_ns(CLOCK_REALTIME);
    const std::int64_t steady = read_ns(CLOCK_MONOTONIC_RAW);
    const std::uint64_t width = steady_ticks() - before;
    if (width < best_width) best = {before + width / 2, utc, steady};
    best_width = std::min(best_width, width);
  }
  return best;
}

ClockReading read_clocks_after(const ClockReading& first) {
  ClockReading now = read_clocks();
  while (now.steady_ns - first.steady_ns < ClockFit::kCalibrationNs) now = read_clocks();
  return now;
}

}  // namespace

ClockFit::ClockFit(const ClockReading& first, const ClockReading& second) : first_(first) {
  line_ = {second.ticks, second.utc_ns, static_cast<std::uint64_t>(ns_per_tick(second) * kOne)};
}

double ClockFit::ns_per_tick(const ClockReading& now) const {
  return static_cast<double>(now.steady_ns - first_.steady_ns) /
         static_cast<double>(now.ticks - first_.ticks);
}

void ClockFit::add(const ClockReading& now) {
  const double slope = ns_per_tick(now);
  const std::int64_t shown_ns = line_.utc_ns(now.ticks);
  const std::int64_t error_ns = now.utc_ns - shown_ns;
  if (std::llabs(error_ns) > kStepNs) {
    line_ = {now.ticks, now.utc_ns, static_cast<std::uint64_t>(slope * kOne)};
    return;
  }
  const double corrected =
      slope * (1.0 + static_cast<double>(error_ns) / static_cast<double>(kReadingNs));
  line_ = {now.ticks, shown_ns, static_cast<std::uint64_t>(corrected * kOne)};
}

SystemClock::SystemClock() : SystemClock(read_clocks()) {}

SystemClock::SystemClock(const ClockReading& first) : fit_(first, read_clocks_after(first)) {
  read_again_in(kFirstReadingNs, fit_.line().base_ticks);
}

void SystemClock::read_again_in(std::int64_t ns, std::uint64_t now_ticks) {
  const double ns_per_tick = static_cast<double>(fit_.line().ns_per_tick) / kOne;
  next_reading_ticks_ =
      now_ticks + static_cast<std::uint64_t>(static_cast<double>(ns) / ns_per_tick);
}

ClockLine SystemClock::line() {
  if (steady_ticks() >= next_reading_ticks_) {
    const ClockReading now = read_clocks();
    fit_.add(now);
    read_again_in(ClockFit::kReadingNs, now.ticks);
  }
  return fit_.line();
}

}  // namespace metlog
