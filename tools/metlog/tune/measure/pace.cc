#include "tools/metlog/tune/measure/pace.h"

#include <limits>

namespace metlog {

using Seconds = std::chrono::duration<double>;

std::uint64_t Pace::due(TimePoint now) const {
  if (per_second_ <= 0) return std::numeric_limits<std::uint64_t>::max();
  return 1 + static_cast<std::uint64_t>(Seconds(now - start_).count() * per_second_);
}

Pace::TimePoint Pace::due_at(std::uint64_t count) const {
  if (per_second_ <= 0) return start_;
  const Seconds after(static_cast<double>(count) / per_second_);
  return start_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(after);
}

}  // namespace metlog
