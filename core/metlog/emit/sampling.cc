#include "metlog/emit/sampling.h"

#include <pthread.h>

#include <cmath>

#include "metlog/base/ticks.h"

namespace metlog {
namespace {

// Vigna's splitmix64: enough for sampling, and its state is one word.
std::uint64_t next_random() {
  thread_local std::uint64_t state = ticks() ^ static_cast<std::uint64_t>(pthread_self());
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

}  // namespace

std::uint64_t draw_sample_distance(double share) {
  if (share >= 1.0) return 1;
  if (!(share > 0.0)) return UINT64_MAX;
  // Uniform in (0, 1]: its logarithm is finite.
  const double uniform = static_cast<double>((next_random() >> 11) + 1) * 0x1p-53;
  const double distance = std::floor(std::log(uniform) / std::log1p(-share)) + 1.0;
  return distance < 0x1p62 ? static_cast<std::uint64_t>(distance) : UINT64_MAX;
}

}  // namespace metlog
