#include "tools/metlog/tune/measure/point_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace metlog {
namespace {

TEST(Percentiles, AreNearestRanksOfWhatWasMeasured) {
  std::vector<float> samples(1000);
  std::iota(samples.begin(), samples.end(), 1.0F);
  std::reverse(samples.begin(), samples.end());
  const Percentiles times = Percentiles::of(samples);
  EXPECT_EQ(times.samples, 1000U);
  EXPECT_EQ(times.curve.front(), 1);
  EXPECT_EQ(times.p50(), 500);
  EXPECT_EQ(times.p90(), 900);
  EXPECT_EQ(times.p99(), 990);
  EXPECT_EQ(times.p999(), 999);
  EXPECT_EQ(times.max(), 1000);
}

TEST(Percentiles, AreSamplesThatTheirShareDoesNotExceed) {
  std::vector<float> samples = {7, 6, 5, 4, 3, 2, 1};
  const Percentiles times = Percentiles::of(samples);
  EXPECT_EQ(times.p50(), 4);  // of 3.5, the fourth
  EXPECT_EQ(times.p90(), 7);  // of 6.3, the seventh
}

TEST(Percentiles, DoNotNameAThousandthOfFewerThanAThousand) {
  std::vector<float> samples(999, 5.0F);
  EXPECT_LT(Percentiles::of(samples).p999(), 0);
}

TEST(Percentiles, OfNothingAreZero) {
  std::vector<float> samples;
  EXPECT_EQ(Percentiles::of(samples).max(), 0);
}

TEST(Spread, IsTheMedianAndHalfTheQuartilesDistance) {
  const Spread odd = spread_of({9, 1, 5, 3, 7});
  EXPECT_EQ(odd.median, 5);
  EXPECT_EQ(odd.half_width, 2);
  EXPECT_EQ(spread_of({4, 2}).median, 3);
  EXPECT_EQ(spread_of({}).median, 0);
}

}  // namespace
}  // namespace metlog
