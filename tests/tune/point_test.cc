#include "tools/metlog/tune/measure/point.h"

#include <gtest/gtest.h>

namespace metlog {
namespace {

PointOptions no_time_at_all(Measure measure) {
  PointOptions options;
  options.measure = measure;
  options.url = "null:";
  options.session_directory = "none";
  options.phase_ms = 0;
  return options;
}

void expect_all_accounted_for(const PointReport& report) {
  EXPECT_EQ(report.error, "");
  EXPECT_GT(report.ledger.emitted, 0U);
  EXPECT_EQ(report.ledger.emitted, report.ledger.sent + report.ledger.lost.total());
}

// As on a machine that gives the threads no processor during their phase.
TEST(Point, TimesACallWhenItsTimeIsOverBeforeItBegins) {
  const PointReport report = measure_point(no_time_at_all(Measure::kLatency));
  EXPECT_GT(report.single.samples, 0U);
  EXPECT_GT(report.burst.samples, 0U);
  expect_all_accounted_for(report);
}

TEST(Point, CallsOnceWhenItsTimeIsOverBeforeItBegins) {
  expect_all_accounted_for(measure_point(no_time_at_all(Measure::kThroughput)));
}

}  // namespace
}  // namespace metlog
