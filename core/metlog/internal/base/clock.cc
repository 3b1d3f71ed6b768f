#include "metlog/internal/base/clock.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "metlog/internal/base/ticks.h"

namespace metlog {
namespace {

constexpr std::int64_t kCalibrationNs = 2'000'000;
constexpr std::int64_t kFirstReadingNs = 20'000'000;
constexpr std::int64_t kReadingNs = 500'000'000;
constexpr std::int64_t kStepNs = 1'000'000;  // a larger error means that the clock was set
constexpr double kOne = 4294967296.0;        // 1.0 in 32.32

std::int64_t read_ns(clockid_t id) {
  timespec now;
  clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

// Takes the narrowest of a few samples, so that an interrupt inside of one does no harm.
SystemClock::Sample SystemClock::sample() {
  Sample best{};
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

SystemClock::SystemClock() : first_(sample()) {
  Sample now = sample();
  while (now.steady_ns - first_.steady_ns < kCalibrationNs) now = sample();
  const double slope = static_cast<double>(now.steady_ns - first_.steady_ns) /
                       static_cast<double>(now.ticks - first_.ticks);
  line_ = {now.ticks, now.utc_ns, static_cast<std::uint64_t>(slope * kOne)};
  reading_interval_ticks_ =
      static_cast<std::uint64_t>(static_cast<double>(kFirstReadingNs) / slope);
  next_reading_ticks_ = now.ticks + reading_interval_ticks_;
}

ClockLine SystemClock::line() {
  if (steady_ticks() >= next_reading_ticks_) resynchronise(sample());
  return line_;
}

void SystemClock::resynchronise(const Sample& now) {
  const double slope = static_cast<double>(now.steady_ns - first_.steady_ns) /
                       static_cast<double>(now.ticks - first_.ticks);
  const std::int64_t shown_ns = line_.utc_ns(now.ticks);
  const std::int64_t error_ns = now.utc_ns - shown_ns;
  reading_interval_ticks_ = static_cast<std::uint64_t>(static_cast<double>(kReadingNs) / slope);
  next_reading_ticks_ = now.ticks + reading_interval_ticks_;
  if (std::llabs(error_ns) > kStepNs) {
    line_ = {now.ticks, now.utc_ns, static_cast<std::uint64_t>(slope * kOne)};
    return;
  }
  const double corrected =
      slope * (1.0 + static_cast<double>(error_ns) / static_cast<double>(kReadingNs));
  line_ = {now.ticks, shown_ns, static_cast<std::uint64_t>(corrected * kOne)};
}

}  // namespace metlog
