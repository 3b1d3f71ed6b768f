#include "tools/router/prometheus/metric_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/router/prometheus/metric_name.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricName, IsOneOfPrometheus) {
  for (const auto& [raw, name] :
       std::vector<std::pair<std::string, std::string>>{{"requests", "requests"},
                                                        {"http.requests", "http_requests"},
                                                        {"httpRequests", "http_requests"},
                                                        {"HTTPServer", "httpserver"},
                                                        {"a..b::c", "a_b_c"},
                                                        {"9lives", "_9lives"},
                                                        {"", "unnamed"},
                                                        {"\xff\n\"", "unnamed"},
                                                        {"caf\xc3\xa9.open", "caf_open"},
                                                        {"_x_", "x"}}) {
    EXPECT_EQ(metric_name(raw), name) << raw;
  }
  EXPECT_LE(metric_name(std::string(1000, 'a')).size(), kMaxMetricNameBytes);
}

TEST(MetricName, OfALabelIsNoneThatIsReserved) {
  EXPECT_EQ(label_name("le"), "xle");
  EXPECT_EQ(label_name("__name__"), "x__name__");
  EXPECT_EQ(label_name("user.id"), "user_id");
  EXPECT_EQ(label_name("0"), "x0");
}

TEST(MetricStore, AddsUpCountersBySeries) {
  MetricStore store({.labels = {"logger"}});
  const std::vector<std::string> shop = {"shop"};
  const std::vector<std::string> odd = {"a\"\\\n"};
  EXPECT_TRUE(store.add({.name = "http.requests", .value = 2, .labels = shop}));
  EXPECT_TRUE(store.add({.name = "http.requests", .value = 0.5, .labels = shop}));
  EXPECT_TRUE(store.add({.name = "http.requests", .value = 1, .labels = odd}));
  EXPECT_EQ(store.exposition(),
            "# HELP http_requests_total Counter \"http.requests\" of metlog.\n"
            "# TYPE http_requests_total counter\n"
            "http_requests_total{logger=\"shop\"} 2.5\n"
            "http_requests_total{logger=\"a\\\"\\\\\\n\"} 1\n");
}

TEST(MetricStore, HasCumulativeBucketsOfTimers) {
  MetricStore store({.prefix = "shop", .buckets = {0.01, 0.1}});
  for (const double seconds : {0.001, 0.01, 0.05, 7.0}) {
    EXPECT_TRUE(store.add({.name = "render", .is_timer = true, .value = seconds}));
  }
  EXPECT_TRUE(store.add({.name = "render", .is_timer = true, .value = 0.02, .weight = 10}));
  EXPECT_EQ(store.exposition(),
            "# HELP shop_render_seconds Timer \"render\" of metlog.\n"
            "# TYPE shop_render_seconds histogram\n"
            "shop_render_seconds_bucket{le=\"0.01\"} 2\n"
            "shop_render_seconds_bucket{le=\"0.1\"} 13\n"
            "shop_render_seconds_bucket{le=\"+Inf\"} 14\n"
            "shop_render_seconds_sum 7.261\n"
            "shop_render_seconds_count 14\n");
}

TEST(MetricStore, KeepsNamesApartThatBecomeTheSame) {
  MetricStore store({});
  EXPECT_TRUE(store.add({.name = "a.b", .value = 1}));
  EXPECT_TRUE(store.add({.name = "a_b", .value = 10}));
  EXPECT_TRUE(store.add({.name = "a.b", .value = 1}));
  EXPECT_TRUE(store.add({.name = "a_b_total", .value = 100}));
  const std::string text = store.exposition();
  EXPECT_THAT(text, HasSubstr("\na_b_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\na_b_" + name_digest("a_b") + "_total 10\n"));
  EXPECT_THAT(text, HasSubstr("\na_b_" + name_digest("a_b_total") + "_total 100\n"));
}

TEST(MetricStore, KeepsANameApartThatIsAnotherOneWithItsDigest) {
  MetricStore store({});
  const std::string taken = "a_b_" + name_digest("a_b");
  EXPECT_TRUE(store.add({.name = taken, .value = 1}));
  EXPECT_TRUE(store.add({.name = "a.b", .value = 10}));
  EXPECT_TRUE(store.add({.name = "a_b", .value = 100}));
  const std::string text = store.exposition();
  EXPECT_THAT(text, HasSubstr("\n" + taken + "_total 1\n"));
  EXPECT_THAT(text, HasSubstr("\na_b_total 10\n"));
  EXPECT_THAT(text, HasSubstr("\n" + taken + "_" + name_digest("a_b") + "_total 100\n"));
}

TEST(MetricStore, HasNoMoreSeriesThanItsLimit) {
  MetricStore store({.max_series = 2});
  EXPECT_TRUE(store.add({.name = "a", .value = 1}));
  EXPECT_TRUE(store.add({.name = "b", .value = 1}));
  EXPECT_FALSE(store.add({.name = "c", .value = 1}));
  EXPECT_FALSE(store.add({.name = "a", .is_timer = true, .value = 1}));
  EXPECT_TRUE(store.add({.name = "a", .value = 1}));
  EXPECT_EQ(store.series_count(), 2U);
  EXPECT_THAT(store.exposition(), Not(HasSubstr("c_total")));
}

TEST(MetricStore, KnowsPercentilesWithinFivePercent) {
  MetricStore store({});
  for (int ms = 1; ms <= 1000; ++ms) {
    EXPECT_TRUE(store.add({.name = "t", .is_timer = true, .value = ms * 1e-3}));
  }
  EXPECT_TRUE(store.add({.name = "n", .value = 5}));
  const std::vector<MetricSource::Row> rows = store.rows(10);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "t");
  EXPECT_EQ(rows[0].count, 1000);
  EXPECT_NEAR(rows[0].p50, 0.5, 0.025);
  EXPECT_NEAR(rows[0].p99, 0.99, 0.05);
  EXPECT_EQ(rows[0].max, 1.0);
  EXPECT_EQ(rows[1].count, 5);
  const std::vector<MetricSource::Row> largest = store.rows(1);
  ASSERT_EQ(largest.size(), 1U);
  EXPECT_EQ(largest[0].name, "t");
}

}  // namespace
}  // namespace metlog
