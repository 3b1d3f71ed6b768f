#include "tools/metlog/tune/report/plot_scale.h"

#include <algorithm>
#include <cmath>

namespace metlog {
namespace {

constexpr int kFewDecades = 2;

}  // namespace

PlotScale::PlotScale(Kind kind, double low, double high, double from, double to)
    : kind_(kind), low_(low), high_(high > low ? high : low + 1), from_(from), to_(to) {}

double PlotScale::at(double value) const {
  const double within = std::clamp(value, low_, high_);
  const double share = kind_ == Kind::kLog ? std::log(within / low_) / std::log(high_ / low_)
                                           : (within - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

std::vector<Tick> linear_ticks(double high, int most, TickLabel label) {
  const double wanted = std::max(high, 1e-9) / most;
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= wanted) step = factor * power;
  }
  std::vector<Tick> ticks;
  const auto last = static_cast<int>(std::ceil(high / step - 1e-9));
  for (int i = 0; i <= std::max(last, 1); ++i) ticks.push_back({i * step, label(i * step)});
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, TickLabel label) {
  const double least = std::max(low, 1e-9);
  const auto first = static_cast<int>(std::floor(std::log10(least) + 1e-9));
  const auto last = static_cast<int>(std::ceil(std::log10(std::max(high, least)) - 1e-9));
  std::vector<Tick> ticks;
  for (int decade = first; decade <= std::max(last, first + 1); ++decade) {
    const double power = std::pow(10.0, decade);
    ticks.push_back({power, label(power)});
    if (decade == std::max(last, first + 1) || last - first > kFewDecades) continue;
    for (const double factor : {2.0, 5.0}) ticks.push_back({factor * power, label(factor * power)});
  }
  return ticks;
}

}  // namespace metlog
