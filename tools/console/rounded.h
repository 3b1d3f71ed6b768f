#pragma once

#include <cmath>

namespace metlog {

/// Rounds to so many decimals, for JSON: the writer then needs no more digits than that.
inline double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace metlog
