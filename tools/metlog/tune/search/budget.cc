#include "tools/metlog/tune/search/budget.h"

#include <algorithm>
#include <utility>

namespace metlog {
namespace {

// Share of the total; the rest is for the confirmation and the report.
constexpr double kSearchShare = 0.65;
constexpr double kPhases = 3;
// Of a point: starting its processes, opening and closing (each round of busy workers does), the
// idle process, the probes.
constexpr double kOverheadS = 0.4;
constexpr double kMinPhaseMs = 40;
constexpr double kMaxPhaseMs = 1000;

}  // namespace

Budget::Budget(double total_s, Now now)
    : total_s_(total_s), now_(std::move(now)), start_s_(now_()) {}

double Budget::left_s() const { return std::max(total_s_ - elapsed_s(), 0.0); }

std::uint64_t Budget::phase_ms(std::size_t points) const {
  const double each_s =
      total_s_ * kSearchShare / static_cast<double>(std::max<std::size_t>(points, 1));
  return static_cast<std::uint64_t>(
      std::clamp(1000 * (each_s - kOverheadS) / kPhases, kMinPhaseMs, kMaxPhaseMs));
}

void Budget::note_point(double seconds) {
  points_s_ += seconds;
  ++points_;
}

double Budget::point_s() const {
  return points_ == 0 ? 0 : points_s_ / static_cast<double>(points_);
}

bool Budget::affords_search(std::size_t points) const {
  return elapsed_s() + static_cast<double>(points) * point_s() <= total_s_ * kSearchShare;
}

bool Budget::affords(std::size_t points) const {
  return static_cast<double>(points) * point_s() <= left_s() && left_s() > 0;
}

}  // namespace metlog
