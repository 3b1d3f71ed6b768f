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

TEST(Point, ComparesBusyWorkersWithAndWithoutLogging) {
  PointOptions options = no_time_at_all(Measure::kUnits);
  options.phase_ms = 80;
  const PointReport report = measure_point(options);
  expect_all_accounted_for(report);
  EXPECT_GT(report.cost.kept_percent, 0);
  EXPECT_LT(report.cost.kept_percent, 150);
  EXPECT_GE(report.cost.cpu_us_per_message, 0);
  EXPECT_GE(report.cost.idle_percent, 0);
}

TEST(Point, DoesAUnitWhenItsTimeIsOverBeforeItBegins) {
  const PointReport report = measure_point(no_time_at_all(Measure::kUnits));
  expect_all_accounted_for(report);
  EXPECT_TRUE(report.cost.is_known());
}

TEST(Point, SaysWhyBusyWorkersHadNoClient) {
  PointOptions options = no_time_at_all(Measure::kUnits);
  options.url = "smoke://signal";
  const PointReport report = measure_point(options);
  EXPECT_TRUE(report.is_url_refused);
  EXPECT_NE(report.error, "");
}

}  // namespace
}  // namespace metlog
