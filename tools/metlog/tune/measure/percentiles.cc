#include "tools/metlog/tune/measure/percentiles.h"

#include <algorithm>
#include <cmath>

namespace metlog {
namespace {

template <class T>
double at_share(const std::vector<T>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[rank == 0 ? 0 : rank - 1]);
}

}  // namespace

Percentiles Percentiles::of(std::vector<float>& samples) {
  std::sort(samples.begin(), samples.end());
  Percentiles result;
  result.samples = samples.size();
  for (std::size_t i = 0; i < kShares.size(); ++i) result.curve[i] = at_share(samples, kShares[i]);
  return result;
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, (at_share(values, 0.75) - at_share(values, 0.25)) / 2};
}

}  // namespace metlog
