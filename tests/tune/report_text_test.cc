#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/tune/rows.h"
#include "tools/metlog/tune/report/html_report.h"
#include "tools/metlog/tune/report/report_text.h"
#include "tools/metlog/tune/report/tune_json.h"
#include "tools/metlog/tune/report/tune_progress.h"
#include "tools/metlog/tune/report/tune_table.h"
#include "tools/metlog/tune/tune.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::Not;

TuneResult result_with(Row row) {
  TuneResult result;
  result.rows = {clean_row(100, 1e6), std::move(row)};
  result.has_choice = true;
  result.cpu = "<b>\"CPU\" & co</b>";
  result.command = "metlog tune --report 'x<y'";
  return result;
}

/// The JSON in the page, as its script reads it.
std::string json_of(const std::string& page) {
  constexpr std::string_view kBegin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = page.find(kBegin) + kBegin.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST(HtmlReport, LoadsNothing) {
  const std::string page = to_html(result_with(clean_row(50, 2e6)));
  for (const char* const text : {"http:", "https:", "<link", "@import", "url(", " src=", "nan"}) {
    EXPECT_THAT(page, Not(HasSubstr(text)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("width=device-width"));
}

TEST(HtmlReport, CarriesTheResultAsItsJson) {
  const TuneResult result = result_with(clean_row(50, 2e6));
  simdjson::dom::parser parser;
  const simdjson::padded_string embedded(json_of(to_html(result)));
  const std::string read = simdjson::minify(parser.parse(embedded));
  const simdjson::padded_string printed(to_json(result));
  EXPECT_EQ(read, simdjson::minify(parser.parse(printed)));
}

TEST(HtmlReport, NoTextBecomesMarkup) {
  TuneResult result = result_with(clean_row(50, 2e6));
  const std::string page = to_html(result);
  result.cpu = result.kernel = result.command = "</script><script>alert(1)</script><!--<script>";
  result.reasons = {"<img src=x onerror=alert(1)>"};
  result.rows[0].throughput.remark = "</pre></noscript><b>";
  const std::string hostile = to_html(result);
  for (const char* const markup :
       {"<script", "</script", "<!--", "<img", "<b>", "</pre", "</noscript"}) {
    const auto count = [&](const std::string& text) {
      std::size_t found = 0;
      for (std::size_t at = text.find(markup); at != std::string::npos;
           at = text.find(markup, at + 1)) {
        ++found;
      }
      return found;
    };
    EXPECT_EQ(count(hostile), count(page)) << markup;
  }
}

TEST(HtmlReport, IsTextWhereNoScriptRuns) {
  EXPECT_THAT(to_html(result_with(clean_row(50, 2e6))), HasSubstr("<noscript><pre>metlog "));
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
