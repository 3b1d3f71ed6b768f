#include "tools/metlog/tune/measure/call_timer.h"

#include <algorithm>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "tools/metlog/tune/measure/monotonic_time.h"

namespace metlog {
namespace {

constexpr std::int64_t kCalibrationNs = 20'000'000;
constexpr int kEmptyRounds = 2001;

double learn_ns_per_tick() {
  if (!processor_has_steady_ticks()) return 1;
  const std::int64_t begin_ns = monotonic_time_ns();
  const std::uint64_t begin_ticks = ticks();
  while (monotonic_time_ns() - begin_ns < kCalibrationNs) {
  }
  const std::int64_t end_ns = monotonic_time_ns();
  const std::uint64_t end_ticks = ticks();
  return static_cast<double>(end_ns - begin_ns) / static_cast<double>(end_ticks - begin_ticks);
}

bool has_steady_ticks() {
  static const bool kHas = processor_has_steady_ticks();
  return kHas;
}

}  // namespace

#if defined(__x86_64__)
std::uint64_t CallTimer::start() {
  if (!has_steady_ticks()) return monotonic_ns();
  __builtin_ia32_lfence();
  const std::uint64_t now = ticks();
  __builtin_ia32_lfence();
  return now;
}

std::uint64_t CallTimer::stop() {
  if (!has_steady_ticks()) return monotonic_ns();
  unsigned processor = 0;
  const std::uint64_t now = __builtin_ia32_rdtscp(&processor);
  __builtin_ia32_lfence();
  return now;
}
#else
std::uint64_t CallTimer::start() { return has_steady_ticks() ? ticks() : monotonic_ns(); }
std::uint64_t CallTimer::stop() { return has_steady_ticks() ? ticks() : monotonic_ns(); }
#endif

CallTimer CallTimer::calibrated() {
  CallTimer timer;
  timer.ns_per_tick_ = learn_ns_per_tick();
  std::vector<double> empty;
  for (int i = 0; i < kEmptyRounds; ++i) {
    const std::uint64_t begin = start();
    empty.push_back(static_cast<double>(stop() - begin) * timer.ns_per_tick_);
  }
  std::nth_element(empty.begin(), empty.begin() + kEmptyRounds / 2, empty.end());
  timer.empty_ns_ = empty[kEmptyRounds / 2];
  return timer;
}

}  // namespace metlog
