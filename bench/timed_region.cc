#include "bench/timed_region.h"

namespace metlog {

double ns_per_region_tick() {
  using Clock = std::chrono::steady_clock;
  static const double ratio = [] {
    const Clock::time_point begin = Clock::now();
    const std::uint64_t begin_ticks = region_begin();
    work_for(std::chrono::milliseconds(30));
    const std::uint64_t ticks = region_end() - begin_ticks;
    const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
    return taken.count() / static_cast<double>(ticks);
  }();
  return ratio;
}

void work_for(std::chrono::nanoseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

}  // namespace metlog
