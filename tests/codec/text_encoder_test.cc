// Plain text, through the engine: every kind of call as the line that docs/wire.md promises.

#include "metlog/internal/codec/text_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/lines.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TestEngineOptions text_options(EngineOptions engine = {.session_directory = "none"}) {
  return {.client = {.logger = "tests", .format = MessageFormat::kText}, .engine = engine};
}

/// A line at the golden time.
std::string line(std::string_view severity, std::string_view rest) {
  std::string text(kGoldenTime);
  text.append(" ");
  text.append(severity).append(std::string(severity.size() < 6 ? 6 - severity.size() : 0, ' '));
  return text.append(" ").append(rest);
}
std::string info(std::string_view rest) { return line("INFO", "tests: " + std::string(rest)); }

TEST(TextEncoder, ShowsNanosecondsOnlyWhenThereAreAny) {
  TestEngineOptions options = text_options();
  options.clock = std::make_unique<FakeClock>(0, kGoldenNs, 1);
  TestEngine test(std::move(options));
  test.expect(1000);
  for (int i = 0; i < 1000; ++i) {
    METLOG_TIMER(test.client(), "t");
  }
  const std::vector<std::string> lines = test.settle();
  ASSERT_THAT(lines, SizeIs(1000));
  std::size_t with_nanoseconds = 0;
  for (const std::string& text : lines) {
    const std::size_t point = text.rfind('.');
    const std::string decimals = text.substr(point + 1, text.rfind(" ms") - point - 1);
    if (decimals.size() == 6) ++with_nanoseconds;
    EXPECT_TRUE(decimals.size() == 3 || (decimals.size() == 6 && !decimals.ends_with("000")))
        << text;
  }
  EXPECT_GT(with_nanoseconds, 0U);
}

TEST(TextEncoder, HasAColumnForTheSeverity) {
  TestEngine test(text_options());
  test.client().set_min_severity(Severity::kTrace);
  METLOG_EMERGENCY(test.log(), "a");
  METLOG_ALERT(test.log(), "b");
  METLOG_CRITICAL(test.log(), "c");
  METLOG_ERROR(test.log(), "d");
  METLOG_WARN(test.log(), "e");
  METLOG_NOTICE(test.log(), "f");
  METLOG_INFO(test.log(), "g");
  METLOG_DEBUG(test.log(), "h");
  METLOG_TRACE(test.log(), "i");
  METLOG_EVENT(test.log(), "t", severity(42));
  EXPECT_THAT(test.settle(), ElementsAre(line("EMERG", "tests: a"), line("ALERT", "tests: b"),
                                         line("CRIT", "tests: c"), line("ERROR", "tests: d"),
                                         line("WARN", "tests: e"), line("NOTICE", "tests: f"),
                                         line("INFO", "tests: g"), line("DEBUG", "tests: h"),
                                         line("TRACE", "tests: i"), line("42", "tests: t")));
}

TEST(TextEncoder, ShowsTheTextAndFieldsAfterIt) {
  TestEngine test(text_options());
  METLOG_INFO(test.log(), "order {} for {:.2f} \"{}\" {{}}", 4711, 2.5, "C:\\x");
  METLOG_WARN(test.log(), "slow query", kv("table", "orders"), kv("ms", 41.5),
              kv("who", "two words"), kv("say", "\"x\""), kv("none", ""));
  METLOG_INFO(test.log(), "", kv("b", true), kv("c", '='), kv("inf", 1.0 / 0.0),
              kv("d", std::chrono::milliseconds(5)));
  EXPECT_THAT(test.settle(), ElementsAre(info(R"(order 4711 for 2.50 "C:\\x" {})"),
                                         line("WARN", R"(tests: slow query table=orders ms=41.5 )"
                                                      R"(who="two words" say="\"x\"" none="")"),
                                         info("b=true c=\"=\" inf=inf d=5ms")));
}

TEST(TextEncoder, ShowsCompositesAsJson) {
  TestEngine test(text_options());
  const std::map<std::string, int> map{{"a b", 1}, {"\x7f\n", 2}};
  METLOG_INFO(test.log(), "{} {}", std::vector<int>{1, 2}, map, kv("m", map),
              kv("o", std::optional<int>()));
  METLOG_EVENT(test.log(), "services", payload(std::vector<std::string>{"x"}));
  EXPECT_THAT(test.settle(),
              ElementsAre(info(R"([1,2] {"a b":1,"\u007f\\n":2} m={"a b":1,"\u007f\n":2} o=null)"),
                          info(R"(services ["x"])")));
}

TEST(TextEncoder, SaysWhatIsNoLogCall) {
  TestEngine test(text_options());
  METLOG_INCR(test.log(), "orders");
  METLOG_INCR(test.log(), "or ders", 2.5, kv("name", "mine"), kv("a", 1));
  METLOG_EVENT(test.log(), "services", payload("foo bar"), kv("userid", 25));
  METLOG_EVENT(test.log(), "services", kv("userid", 25));
  METLOG_EVENT(test.log(), "services", payload(1.5), logger("lg"), severity(3));
  EXPECT_THAT(test.settle(),
              ElementsAre(info("counter orders 1"), info("counter \"or ders\" 2.5 a=1"),
                          info("services foo bar userid=25"), info("services userid=25"),
                          line("ERROR", "lg: services 1.5")));
}

TEST(TextEncoder, ShowsARateInDigits) {
  TestEngine test(text_options());
  std::vector<std::string> lines;
  while (lines.empty()) {
    for (int i = 0; i < 100'000; ++i) METLOG_INCR(test.client(), "n", rate(0.00001));
    lines = test.settle();
  }
  test.expect(lines.size());
  EXPECT_EQ(lines.front(), info("counter n 1 rate=0.00001"));
}

TEST(TextEncoder, ShowsTimersToTheMicrosecondOrFiner) {
  TestEngine test(text_options());
  test.log().timer_send("db.query", 0.412);
  test.log().timer_send("db.query", 12);
  { METLOG_TIMER(test.log(), "db.query"); }
  const std::vector<std::string> lines = test.settle();
  EXPECT_THAT(lines, ElementsAre(info("timer db.query 0.412 ms"), info("timer db.query 12 ms"),
                                 info("timer db.query 0.000 ms")));
}

TEST(TextEncoder, KnowsWhatIsKnownAtRunTimeOnly) {
  TestEngine test(text_options());
  test.log().info("text {}");
  test.log().metlog(
      "ty pe", {.logger = "", .severity = 4, .fields = {{"k", "v w"}, {"n", nullptr}}}, "foo\nbar");
  test.log().metlog("services", {.fields = {{"a b", 1}}});
  test.log().incr("n", 7, {.fields = {{"name", "mine"}, {"x", -1.5}}});
  try {
    throw std::runtime_error("boom");
  } catch (...) {
    test.log().exception("it failed");
  }
  EXPECT_THAT(test.settle(),
              ElementsAre(info("text {}"), line("WARN", R"(-: "ty pe" foo\nbar k="v w" n=null)"),
                          info(R"(services "a b"=1)"), info("counter n 7 x=-1.5"),
                          line("ALERT", R"(tests: it failed\nstd::runtime_error: boom)")));
}

TEST(TextEncoder, LetsNoCallerForgeALine) {
  TestEngine test(text_options());
  const std::string forged = "x\n2013-01-18T12:34:56.789012Z INFO   tests: forged\r\x1b[2K\xc2\x85";
  METLOG_INFO(test.log(), "{}", forged);
  METLOG_INFO(test.log(), "{:>80}", forged, kv("f", forged));
  test.log().metlog(forged, {.logger = forged, .fields = {{forged, forged}}}, forged);
  test.log().incr(forged, 1);
  const std::vector<std::string> lines = test.settle();
  ASSERT_THAT(lines, SizeIs(4));
  for (const std::string& text : lines) {
    expect_is_line(text);
    EXPECT_EQ(text.find("\xc2\x85"), std::string::npos) << text;
  }
  EXPECT_EQ(lines[0], info(R"(x\n2013-01-18T12:34:56.789012Z INFO   tests: forged\r)"
                           R"(\u001b[2K\u0085)"));
}

TEST(TextEncoder, KeepsALineALineWhateverTheBytes) {
  TestEngine test(text_options());
  std::mt19937_64 random(19991231);
  for (int i = 0; i < 2'000; ++i) {
    std::string text(random() % 60, '\0');
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? random() : 'a' + random() % 26);
    METLOG_INFO(test.log(), "{} {:>30}", text, text, kv("v", std::vector{text}), kv("t", text));
    if (i % 100 == 99) test.settle();
  }
  for (const std::string& text : test.settle()) expect_is_line(text);
}

TEST(TextEncoder, TellsOfLosses) {
  TestEngine test(text_options({.ring_bytes = 4096, .session_directory = "none"}));
  for (int i = 0; i < 100; ++i) METLOG_INFO(test.log(), "{}", i);
  test.settle();
  METLOG_INFO(test.log(), "after");
  METLOG_INFO(test.log(), "{}", std::string(100'000, 'x'));
  const std::vector<std::string> lines = test.settle();
  ASSERT_THAT(lines, SizeIs(58));
  EXPECT_TRUE(is_loss_line(lines[55])) << lines[55];
  EXPECT_EQ(loss_line_count(lines[55]), 45U);
  EXPECT_EQ(lines[55].substr(27, 80),
            " WARN   tests: metlog.loss lost 45 messages: ring_full count=45 reason=ring_full");
  EXPECT_EQ(lines[56], info("after"));
  EXPECT_NE(lines[57].find("reason=too_big"), std::string::npos) << lines[57];
  EXPECT_NE(lines[57].find(" site="), std::string::npos) << lines[57];
}

TEST(TextEncoder, WritesCharactersAndTimesOfFieldsAsWords) {
  using std::chrono::steady_clock;
  TestEngine test(text_options());
  METLOG_INFO(test.log(), "{}{}", U'\n', L'\u202e', kv("a", U'\n'), kv("b", L' '), kv("c", u'='),
              kv("d", L'\u00e4'));
  METLOG_INFO(test.log(), "x", kv("since", steady_clock::time_point(steady_clock::duration(5))),
              kv("for", std::chrono::weeks(1)), kv("day", std::chrono::local_days{}));
  EXPECT_THAT(test.settle(), ElementsAre(info("\\n\\u202e a=\"\\n\" b=\" \" c=\"=\" d=\u00e4"),
                                         info("x since=\"5ns since epoch\" for=604800s "
                                              "day=1970-01-01T00:00:00.000000")));
}

}  // namespace
}  // namespace metlog
