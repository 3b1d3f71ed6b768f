#pragma once

#include <vector>

namespace metlog {

/// The value below which `share` (0 to 1) of `values` lie, by nearest rank; 0 when there are none.
double quantile(std::vector<double> values, double share);

/// The report of a figure that was taken several times: never a mean alone.
struct Spread {
  double p10 = 0;
  double p50 = 0;
  double p90 = 0;
};

Spread spread_of(const std::vector<double>& values);

}  // namespace metlog
