#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/tune/rows.h"
#include "tools/metlog/tune/report/html_report.h"
#include "tools/metlog/tune/report/plot.h"
#include "tools/metlog/tune/report/report_text.h"
#include "tools/metlog/tune/report/tune_json.h"
#include "tools/metlog/tune/report/tune_progress.h"
#include "tools/metlog/tune/report/tune_table.h"
#include "tools/metlog/tune/tune.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string plain(double value) { return std::to_string(static_cast<int>(value)); }

std::vector<double> values_of(const std::vector<Tick>& ticks) {
  std::vector<double> values;
  for (const Tick& tick : ticks) values.push_back(tick.value);
  return values;
}

TuneResult result_with(Row row) {
  TuneResult result;
  result.rows = {clean_row(100, 1e6), std::move(row)};
  result.has_choice = true;
  result.cpu = "<b>\"CPU\" & co</b>";
  result.command = "metlog tune --report 'x<y'";
  return result;
}

TEST(PlotTicks, AreRoundNumbersThatEncloseTheValues) {
  EXPECT_THAT(values_of(linear_ticks(9.3, 5, plain)), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(values_of(linear_ticks(5, 5, plain)), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(values_of(log_ticks(20, 150'000, plain)), ElementsAre(10, 100, 1000, 1e4, 1e5, 1e6));
  EXPECT_THAT(values_of(log_ticks(12, 80, plain)), ElementsAre(10, 20, 50, 100));
}

TEST(PlotScale, PutsValuesInTheirPlaces) {
  const PlotScale linear(PlotScale::Kind::kLinear, 0, 10, 100, 200);
  EXPECT_DOUBLE_EQ(linear.at(5), 150);
  EXPECT_DOUBLE_EQ(linear.at(11), 200);
  const PlotScale log(PlotScale::Kind::kLog, 1, 10000, 100, 0);
  EXPECT_NEAR(log.at(100), 50, 1e-9);
}

TEST(HtmlText, EscapesWhatIsMarkup) {
  EXPECT_EQ(html_text("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
}

TEST(HtmlReport, LoadsNothingAndEscapesWhatItIsGiven) {
  const std::string page = to_html(result_with(clean_row(50, 2e6)));
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>\"CPU\"")));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&quot;CPU&quot; &amp; co"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("<title>"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(HtmlReport, OfNothingIsStillAPage) {
  EXPECT_THAT(to_html(TuneResult{}), HasSubstr("nothing can be recommended"));
}

TEST(TuneTable, SaysWhatIsAtFaultInPlaceOfANumber) {
  Row row = faulty_row(50, 2e6, Fault::kLost);
  row.throughput.remark = "lost 12 % (ring_full 7)";
  const std::string text = to_text(result_with(row), false);
  EXPECT_THAT(text, HasSubstr("lost 12 % (ring_full 7)"));
  EXPECT_THAT(text, Not(HasSubstr("2.00 M")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(to_text(result_with(row), true), HasSubstr("\x1b[1m"));
}

TEST(TuneTable, AlignsItsColumns) {
  EXPECT_EQ(aligned({{"a", "b", "c", "d"}, {"longer", "1", "22", "x"}}),
            "a       b   c  d\nlonger  1  22  x\n");
}

TEST(TuneJson, IsOneObjectInWhichEveryRowAddsUp) {
  Row row = faulty_row(50, 2e6, Fault::kLost);
  row.throughput.delivered -= 10;
  row.throughput.not_arrived = 4;
  row.throughput.lost[LossReason::kRingFull] = 6;
  simdjson::dom::parser parser;
  const simdjson::padded_string text(to_json(result_with(row)));
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(text).get(root), simdjson::SUCCESS);
  const simdjson::dom::element phase = root["rows"].at(1)["throughput"];
  EXPECT_EQ(std::int64_t(phase["emitted"]),
            std::int64_t(phase["delivered"]) + std::int64_t(phase["lost"]));
  EXPECT_EQ(std::int64_t(phase["lost_by_reason"]["not_arrived"]), 4);
  EXPECT_TRUE(phase["per_second"].is_null());
  EXPECT_EQ(std::string_view(root["rows"].at(1)["status"]), "lost");
}

TEST(FigureText, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(time_text(9.996), "10.0 ns");
  EXPECT_EQ(time_text(123.4), "123 ns");
  EXPECT_EQ(time_text(4567), "4.57 us");
  EXPECT_EQ(time_text(999'600), "1.00 ms");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(4'120'000), "4.12 M");
}

TEST(ProgressText, FitsTheColumns) {
  EXPECT_EQ(progress_text(0.5, 30.2, "ring 64 KiB", 80),
            "[############............]  50 %  31 s left  ring 64 KiB");
  EXPECT_EQ(progress_text(2, -1, "x", 20).size(), 20U);
}

TEST(TuneOptions, ReadTimes) {
  EXPECT_EQ(parse_seconds("90s"), 90);
  EXPECT_EQ(parse_seconds("90"), 90);
  EXPECT_EQ(parse_seconds("1.5m"), 90);
  EXPECT_EQ(parse_seconds("1500ms"), 1.5);
  EXPECT_EQ(parse_seconds("1h"), 3600);
  for (const char* const text : {"", "s", "5 s", "5x", "m5"}) EXPECT_LT(parse_seconds(text), 0);
}

}  // namespace
}  // namespace metlog
