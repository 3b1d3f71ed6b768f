#include "metlog/internal/emit/sampling.h"

#include <pthread.h>

#include <cmath>
#include <cstdint>

#include "metlog/internal/base/ticks.h"

namespace metlog {
namespace {

/// The random sequence of a thread.
struct Draws {
  std::uint64_t state = ticks() ^ static_cast<std::uint64_t>(pthread_self());
  // The last share and its factor: nearly all threads use one share repeatedly, and log1p() costs
  // as much as the rest of a draw.
  double share = 0.0;
  double calls_per_log = 0.0;
};
thread_local Draws t_draws;

// Vigna's splitmix64: enough for sampling, and its state is one word.
std::uint64_t next_random(Draws& draws) {
  std::uint64_t z = draws.state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Uniform in (0, 1]: its logarithm is finite.
double next_uniform(Draws& draws) {
  return static_cast<double>((next_random(draws) >> 11) + 1) * 0x1p-53;
}

}  // namespace

bool draw_sample(double share) { return share >= 1.0 || next_uniform(t_draws) <= share; }

std::uint64_t draw_sample_distance(double share) {
  if (share >= 1.0) return 1;
  if (!(share > 0.0)) return UINT64_MAX;
  Draws& draws = t_draws;
  if (draws.share != share) {
    draws.share = share;
    draws.calls_per_log = 1.0 / std::log1p(-share);
  }
  const double distance = std::floor(std::log(next_uniform(draws)) * draws.calls_per_log) + 1.0;
  return distance < 0x1p62 ? static_cast<std::uint64_t>(distance) : UINT64_MAX;
}

bool ScopeSampling::is_sent(Choice choice, double share) {
  // Asked again after a while: the share may be another by then.
  constexpr std::uint64_t kScopesWithoutAQuestion = 65'536;
  if (!(share > 0.0)) {
    if (distance_ == 0) distance_ = kScopesWithoutAQuestion;
    return false;
  }
  if (choice == Choice::kUndecided) {
    const std::uint64_t distance = draw_sample_distance(share);
    // A scope inside of this one may have drawn meanwhile.
    if (distance != 1 && distance_ == 0) distance_ = distance - 1;
    if (distance != 1) return false;
  }
  if (distance_ == 0) distance_ = draw_sample_distance(share);
  return true;
}

}  // namespace metlog
