#include "metlog/internal/emit/sampling.h"

#include <pthread.h>

#include <cmath>
#include <cstdint>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/sampled_out.h"

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

/// Returns the number of calls until the next one that is sampled, 1 for the very next, from the
/// geometric distribution of that share, which is above 0. 1 for a share of 1 and above.
std::uint64_t draw_distance(double share) {
  if (share >= 1.0) return 1;
  Draws& draws = t_draws;
  if (draws.share != share) {
    draws.share = share;
    draws.calls_per_log = 1.0 / std::log1p(-share);
  }
  const double distance = std::floor(std::log(next_uniform(draws)) * draws.calls_per_log) + 1.0;
  return distance < 0x1p62 ? static_cast<std::uint64_t>(distance) : UINT64_MAX;
}

}  // namespace

bool draw_sample(double share, std::uint32_t client) {
  if (share >= 1.0 || next_uniform(t_draws) <= share) return true;
  if (share > 0.0) count_sampled_out(client, 1);
  return false;
}

std::uint64_t SampleCountdown::draw(double share, const ClientGate& client) {
  if (drawn_ > 1) count_sampled_out(client.slot, drawn_ - 1);
  drawn_ = draw_distance(share);
  return drawn_;
}

void ScopeSampling::begin(std::uint64_t distance, std::uint64_t sampled_out, std::uint32_t client) {
  if (sampled_out_ != 0) count_sampled_out(client, sampled_out_);
  distance_ = distance;
  sampled_out_ = sampled_out;
}

bool ScopeSampling::is_sent(Choice choice, double share, const ClientGate& client) {
  // Asked again after a while: the share may be another by then.
  constexpr std::uint64_t kScopesWithoutAQuestion = 65'536;
  if (!(share > 0.0)) {
    if (distance_ == 0) begin(kScopesWithoutAQuestion, 0, client.slot);
    return false;
  }
  if (choice == Choice::kUndecided) {
    const std::uint64_t distance = draw_distance(share);
    if (distance != 1) {
      count_sampled_out(client.slot, 1);
      // A scope inside of this one may have drawn meanwhile.
      if (distance_ == 0) begin(distance - 1, distance - 2, client.slot);
      return false;
    }
  }
  if (distance_ == 0) {
    const std::uint64_t distance = draw_distance(share);
    begin(distance, distance - 1, client.slot);
  }
  return true;
}

}  // namespace metlog
