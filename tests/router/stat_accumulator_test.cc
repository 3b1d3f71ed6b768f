#include "tools/router/input/stat_accumulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/router/encoded.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;
using testing::ElementsAre;

constexpr std::size_t kOnePart = 1 << 20;

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::map<std::string, double> numbers(const dom::object& object) {
  std::map<std::string, double> numbers;
  for (const dom::key_value_pair each : object) numbers[std::string(each.key)] = double(each.value);
  return numbers;
}

TEST(StatsdLine, IsReadAsHekadReadsIt) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/heka_statsd_parse.json");
  for (const dom::element entry : golden["cases"]) {
    const std::string_view datagram = entry["datagram"];
    std::vector<std::string> expected;
    for (const dom::element stat : entry["stats"]) {
      const std::string_view modifier = stat["modifier"];
      const char* const kind = modifier == "ms" ? "timer" : modifier == "g" ? "gauge" : "counter";
      expected.push_back(std::string(std::string_view(stat["bucket"])) + "=" +
                         std::string(std::string_view(stat["value"])) + " " + kind + " " +
                         std::to_string(float(double(stat["sampling"]))));
    }
    std::vector<std::string> bad;
    for (const dom::element line : entry["bad_lines"]) bad.emplace_back(std::string_view(line));
    std::vector<std::string> got;
    std::vector<std::string> got_bad;
    for_each_statsd_line(datagram, [&](std::string_view line) {
      const auto stat = read_statsd_line(line);
      if (!stat.has_value()) {
        got_bad.emplace_back(line);
        return;
      }
      const char* const kind = stat->kind == StatsdLine::Kind::kTimer   ? "timer"
                               : stat->kind == StatsdLine::Kind::kGauge ? "gauge"
                                                                        : "counter";
      got.push_back(std::string(stat->bucket) + "=" + std::string(stat->value) + " " + kind + " " +
                    std::to_string(stat->rate));
    });
    EXPECT_EQ(got, expected) << datagram;
    EXPECT_EQ(got_bad, bad) << datagram;
  }
}

TEST(StatsdLine, RefusesARateThatIsNoShare) {
  for (const char* line : {"a:1|c|@0", "a:1|c|@-1", "a:1|c|@nan", "a:1|c|@inf", "a:1|c|@1e999",
                           "a|b:1", "", ":", "|"}) {
    EXPECT_FALSE(read_statsd_line(line).has_value()) << line;
  }
}

StatAccumulator::Options options_of(const dom::object& config) {
  StatAccumulator::Options options;
  options.emits_in_payload = bool(config["EmitInPayload"]);
  options.emits_in_fields = bool(config["EmitInFields"]);
  options.percentiles.clear();
  for (const dom::element percent : config["PercentThreshold"]) {
    options.percentiles.push_back(int(std::int64_t(percent)));
  }
  options.interval_seconds = std::int64_t(config["TickerInterval"]);
  options.has_legacy_names = bool(config["LegacyNamespaces"]);
  options.deletes_idle = bool(config["DeleteIdleStats"]);
  return options;
}

TEST(StatAccumulator, ReportsWhatHekadReports) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/heka_stat_accumulator.json");
  int seen = 0;
  for (const dom::element entry : golden["cases"]) {
    dom::array batches;
    if (entry["flush_batches"].get(batches) != simdjson::SUCCESS) continue;  // refused settings
    StatAccumulator stats(options_of(entry["config"]));
    std::size_t next = 0;
    for (const dom::element batch : batches) {
      for (const dom::element line : batch) {
        ASSERT_TRUE(stats.add(*read_statsd_line(std::string_view(line))));
      }
      const dom::element expected = entry["messages"].at(next++);
      const auto reports = stats.report(1234, kOnePart);
      ASSERT_EQ(reports.size(), 1U);
      std::vector<std::string> lines;
      for (const dom::element line : expected["payload_lines_sorted"]) {
        const std::string_view form = line;
        std::string text(form);
        text.replace(text.find("NOW"), 3, "1234");
        lines.push_back(text);
      }
      EXPECT_EQ(sorted_lines(reports[0].payload), lines) << entry["name"];
      dom::parser fields;
      EXPECT_EQ(numbers(fields.parse(reports[0].fields)), numbers(expected["fields"]))
          << entry["name"];
    }
    ++seen;
  }
  EXPECT_EQ(seen, 8);
}

TEST(StatAccumulator, ReportsIdleCountersAndTimersAsZero) {
  StatAccumulator stats({.percentiles = {}});
  for (const char* line : {"c:5|c", "t:7|ms", "g:2.5|g"}) stats.add(*read_statsd_line(line));
  EXPECT_TRUE(stats.has_values());
  (void)stats.report(1, kOnePart);
  EXPECT_FALSE(stats.has_values());
  EXPECT_EQ(sorted_lines(stats.report(2, kOnePart)[0].payload),
            sorted_lines("stats.counters.c.rate 0.000000 2\nstats.counters.c.count 0 2\n"
                         "stats.gauges.g 2.500000 2\nstats.timers.t.count 0 2\n"
                         "stats.timers.t.count_ps 0.000000 2\nstats.timers.t.lower 0.000000 2\n"
                         "stats.timers.t.upper 0.000000 2\nstats.timers.t.sum 0.000000 2\n"
                         "stats.timers.t.mean 0.000000 2\nstats.statsd.numStats 3 2\n"));
}

TEST(StatAccumulator, LetsNoNameForgeALine) {
  StatAccumulator stats({.emits_in_fields = true});
  EXPECT_TRUE(stats.add(*read_statsd_line("a 1 2\tb\"\\:1|c")));
  const auto report = stats.report(1, kOnePart)[0];
  EXPECT_TRUE(report.payload.starts_with("stats.counters.a_1_2_b\"\\.rate 0.100000 1\n"));
  dom::parser parser;
  EXPECT_EQ(parser.parse(report.fields).error(), simdjson::SUCCESS) << report.fields;
}

TEST(StatAccumulator, BoundsItsNamesAndItsReports) {
  StatAccumulator stats({.emits_in_fields = true, .max_names = 100});
  int taken = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string line = "counter" + std::to_string(i) + ":1|c";
    taken += stats.add(*read_statsd_line(line)) ? 1 : 0;
  }
  EXPECT_EQ(taken, 100);
  EXPECT_TRUE(stats.add(*read_statsd_line("counter7:1|c")));
  const auto reports = stats.report(1, 1000);
  EXPECT_GT(reports.size(), 5U);
  std::size_t lines = 0;
  for (const auto& report : reports) {
    EXPECT_LT(report.payload.size(), 1100U);
    lines += sorted_lines(report.payload).size();
    dom::parser parser;
    EXPECT_EQ(parser.parse(report.fields).error(), simdjson::SUCCESS);
  }
  EXPECT_EQ(lines, 201U);
}

TEST(StatAccumulator, RefusesWhatIsNoNumberAndStaysWithinACount) {
  StatAccumulator stats({});
  for (const char* line : {"a:abc|c", "a:1:2|c", "a:|g", "a:nan|g", "a:inf|ms", "a:1e400|ms"}) {
    EXPECT_FALSE(stats.add(*read_statsd_line(line))) << line;
  }
  EXPECT_TRUE(stats.add(*read_statsd_line("a:3e38|c|@0.5")));  // beyond a float
  EXPECT_TRUE(stats.add(*read_statsd_line("b:1e30|c")));
  EXPECT_TRUE(stats.add(*read_statsd_line("b:1e30|c")));
  EXPECT_NE(
      stats.report(1, kOnePart)[0].payload.find("stats.counters.b.count 9000000000000000000 "),
      std::string::npos);
}

}  // namespace
}  // namespace metlog
