#include "metlog/internal/base/sleep_time.h"

#include <algorithm>

namespace metlog {
namespace {

using std::chrono::nanoseconds;

// Of a ring, a quarter wakes the flusher, which takes up to 0.2 ms until it runs; meanwhile a
// thread that only logs fills the rest.
constexpr double kWantedFill = 1.0 / 8;
constexpr int kQuietRounds = 5;

}  // namespace

SleepTime::SleepTime(const Limits& limits)
    : limits_{limits.base, std::max(limits.base, limits.longest),
              std::max({limits.base, limits.longest, limits.longest_idle})} {}

nanoseconds SleepTime::longest(const RoundLoad& round) const {
  if (round.is_stalled || round.is_stamping) return limits_.base;
  return quiet_rounds_ >= kQuietRounds && !round.is_pending ? limits_.longest_idle
                                                            : limits_.longest;
}

nanoseconds SleepTime::after(const RoundLoad& round) {
  quiet_rounds_ = round.fill > 0 ? 0 : std::min(quiet_rounds_ + 1, kQuietRounds);
  nanoseconds sleep = longest(round);
  if (round.fill > 0) {
    const double wanted = static_cast<double>(round.passed.count()) * (kWantedFill / round.fill);
    if (!round.is_stalled && wanted < static_cast<double>(limits_.base.count())) return last_ = {};
    if (wanted < static_cast<double>(sleep.count())) {
      sleep = nanoseconds(static_cast<nanoseconds::rep>(wanted));
    }
  }
  return last_ = std::clamp(std::min(sleep, last_ * 2), limits_.base, limits_.longest_idle);
}

}  // namespace metlog
