// `format=pattern`: each letter through the engine, and what is wrong with a pattern.

#include "metlog/internal/codec/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "metlog/context.h"
#include "tests/support/fake_clock.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

TestEngineOptions with(std::string pattern, FormatOptions options = {}) {
  options.utc = true;
  return {.client = {.logger = "shop", .format = Formatter::pattern(std::move(pattern), options)}};
}

/// What `METLOG_WARN(log, "slow query {}", 7, kv("table", "orders"), kv("ms", 41.5))` becomes.
std::string shown(std::string pattern, FormatOptions options = {}) {
  TestEngine test(with(std::move(pattern), options));
  METLOG_WARN(test.log(), "slow query {}", 7, kv("table", "two words"), kv("ms", 41.5));
  return test.settle().at(0);
}

TEST(Pattern, HasTheTimesOfSpdlog) {
  EXPECT_EQ(shown("%Y-%m-%d %H:%M:%S.%e"), "2013-01-18 12:34:56.789");
  EXPECT_EQ(shown("%f %F %E"), "789012 789012000 1358512496");
  EXPECT_EQ(shown("%a %A %b %B %h %C %y"), "Fri Friday Jan January Jan 13 13");
  EXPECT_EQ(shown("%c"), "Fri Jan 18 12:34:56 2013");
  EXPECT_EQ(shown("%D %x %I %p %r %R %T %X %z"),
            "01/18/13 01/18/13 12 PM 12:34:56 PM 12:34 12:34:56 12:34:56 +00:00");
  EXPECT_EQ(shown("%{time}"), kGoldenTime);
  EXPECT_EQ(shown("a%%b%%%H"), "a%b%12");
  EXPECT_EQ(shown("100%%%H%M"), "100%1234");
}

TEST(Pattern, ShowsWhatTheCallIsAndSays) {
  EXPECT_EQ(shown("%l %L %{LEVEL} %{severity}"), "warning W WARN 4");
  EXPECT_EQ(shown("%n|%{logger}|%{type}|%v|%{payload}|%{text}"),
            "shop|shop|oldstyle|slow query 7|slow query 7|slow query 7");
  EXPECT_EQ(shown("%v%{fields}"), "slow query 7 table=\"two words\" ms=41.5");
  EXPECT_EQ(shown("<%{field:table}> <%{field:ms}> <%{field:none}>"), "<two words> <41.5> <>");
  EXPECT_EQ(shown("%P %{pid} %{host}"), "4242 4242 host.example");
}

TEST(Pattern, ShowsTheCallSite) {
  TestEngine test(with("%s|%#|%!|%{function}"));
  const int line = __LINE__ + 1;
  METLOG_INFO(test.log(), "here");
  [&] { METLOG_INFO(test.log(), "in a lambda"); }();
  const std::vector<std::string> lines = test.settle();
  EXPECT_EQ(lines[0], "pattern_test.cc|" + std::to_string(line) +
                          "|metlog::Pattern_ShowsTheCallSite_Test::TestBody"
                          "|metlog::Pattern_ShowsTheCallSite_Test::TestBody");
  EXPECT_THAT(lines[1], HasSubstr("TestBody::<lambda>"));
}

TEST(Pattern, ShowsThePathAsItWasCompiled) {
  const std::string path = __FILE__;
  EXPECT_THAT(shown("%g"), path);
  EXPECT_THAT(shown("%@"), StartsWith(path + ":"));
}

TEST(Pattern, ShowsEachThreadWithItsName) {
  TestEngine test(with("%t %{thread_id} %{thread}|%v"));
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) {
    std::thread([&] {
      const std::string name = "worker\"" + std::to_string(i);
      pthread_setname_np(pthread_self(), name.c_str());
      const std::string tid = std::to_string(syscall(SYS_gettid));
      for (int n = 0; n < 3; ++n) {
        METLOG_INFO(test.log(), "same site");
        expected.push_back(tid + " " + tid + " " + name + "|same site");
      }
    }).join();
  }
  EXPECT_THAT(test.settle(), testing::UnorderedElementsAreArray(expected));
}

TEST(Pattern, PadsAndCuts) {
  EXPECT_EQ(shown("[%9l]"), "[  warning]");
  EXPECT_EQ(shown("[%-9l]"), "[warning  ]");
  EXPECT_EQ(shown("[%=10l]"), "[ warning  ]");
  EXPECT_EQ(shown("[%3l] [%3!l] [%-9!l]"), "[warning] [war] [warning  ]");
  EXPECT_EQ(shown("[%15v] [%4!v]"), "[   slow query 7] [slow]");
  EXPECT_EQ(shown("[%4e] [%-4e] [%8H]"), "[ 789] [789 ] [      12]");
}

TEST(Pattern, HasNoColoursUnlessItIsTold) {
  EXPECT_EQ(shown("%^%l%$ %v"), "warning slow query 7");
  FormatOptions colored;
  colored.colors = Colors::kAlways;
  EXPECT_EQ(shown("%^%l%$ %v", colored), "\x1b[33mwarning\x1b[0m slow query 7");
}

TEST(Pattern, GivesEachLevelItsColour) {
  FormatOptions colored;
  colored.colors = Colors::kAlways;
  TestEngine test(with("%^%v", colored));
  METLOG_EMERGENCY(test.log(), "");
  METLOG_ALERT(test.log(), "");
  METLOG_CRITICAL(test.log(), "");
  METLOG_ERROR(test.log(), "");
  METLOG_WARN(test.log(), "");
  METLOG_NOTICE(test.log(), "");
  METLOG_INFO(test.log(), "");
  METLOG_DEBUG(test.log(), "");
  std::vector<std::string> lines = test.settle();
  ASSERT_EQ(lines.size(), 8U);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(std::unique(lines.begin(), lines.end()), lines.end());
}

TEST(Pattern, ShowsEventsAndMetricsWithTheirNames) {
  TestEngine test(with("%v%{fields}|%{payload}"));
  METLOG_EVENT(test.log(), "services", payload("foo"), kv("id", 25));
  METLOG_EVENT(test.log(), "empty");
  METLOG_INCR(test.log(), "orders", 3);
  METLOG_INCR(test.log(), "orders");
  const std::vector<std::string> lines = test.settle();
  EXPECT_EQ(lines[0], "services foo id=25|foo");
  EXPECT_EQ(lines[1], "empty|");
  EXPECT_EQ(lines[2], "counter orders 3|3");
  EXPECT_EQ(lines.back(), "counter orders 1|1");
}

TEST(Pattern, ShowsTheContext) {
  TestEngine test(with("%v%{fields} <%{field:request}>"));
  {
    const ScopedContext scope({{"request", "4711"}});
    METLOG_INFO(test.log(), "inside", kv("own", 1));
  }
  METLOG_INFO(test.log(), "outside");
  EXPECT_THAT(test.settle(), ElementsAre("inside own=1 request=4711 <4711>", "outside <>"));
}

TEST(Pattern, TakesTheCallsOwnLoggerAndSeverity) {
  TestEngine test(with("%n %l %{type} %v"));
  METLOG_EVENT(test.log(), "t", logger("other"), severity(3), payload("x"));
  METLOG_EVENT(test.log(), "t", logger("other"), severity(42), payload("x"));
  EXPECT_THAT(test.settle(), ElementsAre("other error t t x", "other 42 t t x"));
}

TEST(Pattern, MeasuresTheTimeSinceThePreviousMessage) {
  TestEngineOptions options = with("%o %i %u %O");
  options.clock = std::make_unique<FakeClock>();
  TestEngine test(std::move(options));
  METLOG_INFO(test.log(), "a");
  METLOG_INFO(test.log(), "b");
  EXPECT_THAT(test.settle(), ElementsAre("0 0 0 0", "0 0 0 0"));
}

TEST(Pattern, ShowsLocalTimeByDefault) {
  const char* const before = getenv("TZ");
  const std::string zone = before != nullptr ? before : "";
  setenv("TZ", "XST-5:30", 1);
  tzset();
  TestEngine test(
      {.client = {.logger = "shop", .format = Formatter::pattern("%d %H:%M:%S.%e %z %{time}")}});
  METLOG_INFO(test.log(), "x");
  EXPECT_EQ(test.settle().at(0), "18 18:04:56.789 +05:30 " + std::string(kGoldenTime));
  if (before != nullptr) {
    setenv("TZ", zone.c_str(), 1);
  } else {
    unsetenv("TZ");
  }
  tzset();
}

TEST(Pattern, IsRefilledByWhatAFilterChanges) {
  TestEngineOptions options = with("%Y %s:%# %! %t %n %l %v%{fields} <%{field:b}>");
  options.client.filters = {Filter("changes", [](Message& message) {
    message.set_payload("changed");
    message.change_fields().set("b", 2);
    return true;
  })};
  TestEngine test(std::move(options));
  METLOG_INFO(test.log(), "text", kv("a", "1 2"));
  const std::string tid = std::to_string(syscall(SYS_gettid));
  EXPECT_THAT(test.settle().at(0),
              MatchesRegex("2013 pattern_test.cc:[0-9]+ metlog::Pattern.*::TestBody " + tid +
                           " shop info changed a=\"1 2\" b=2 <2>"));
}

TEST(Pattern, IsPlusWhenItIsEmpty) {
  const std::string whole = shown("");
  EXPECT_THAT(whole, MatchesRegex("\\[2013-01-18 12:34:56.789\\] \\[shop\\] \\[warning\\] "
                                  "\\[pattern_test.cc:[0-9]+\\] slow query 7 table=\"two words\" "
                                  "ms=41.5"));
  EXPECT_EQ(shown("%+"), whole);
  EXPECT_EQ(shown("<%+>"), "<" + whole + ">");
}

std::string error_of(std::string_view pattern) {
  const absl::StatusOr<Layout> layout = compile_pattern(pattern);
  return layout.ok() ? "" : std::string(layout.status().message());
}

TEST(Pattern, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of("%v %N"), HasSubstr("character 5: %N is unknown; did you mean %n?"));
  EXPECT_THAT(error_of("%k"), HasSubstr("%k is unknown; known are %"));
  EXPECT_THAT(error_of("\xc3\xa4\xc3\xb6 %\xc3\xbc"),
              HasSubstr("character 5: %\xc3\xbc is unknown"));
  EXPECT_THAT(error_of("%v %"), HasSubstr("character 4: nothing follows the %; write %%"));
  EXPECT_THAT(error_of("%8"), HasSubstr("nothing follows"));
  EXPECT_THAT(error_of("%-v"), HasSubstr("a width follows - and ="));
  EXPECT_THAT(error_of("%0v"), HasSubstr("a width is 1 to 128"));
  EXPECT_THAT(error_of("%129v"), HasSubstr("a width is 1 to 128"));
  EXPECT_THAT(error_of("%99999999999999999999v"), HasSubstr("a width is 1 to 128"));
  EXPECT_THAT(error_of("%{feilds}"), HasSubstr("'feilds' is no part; did you mean 'fields'"));
  EXPECT_THAT(error_of("%{"), HasSubstr("no } follows"));
  EXPECT_THAT(error_of("%{field:}"), HasSubstr("a key follows field:"));
  EXPECT_THAT(error_of("a\nb"), HasSubstr("character 2: the character \\n cannot be in a line"));
  EXPECT_THAT(error_of("\x1b[31m%v"), HasSubstr("cannot be in a line"));
  EXPECT_EQ(error_of("%v\t%l"), "");
}

TEST(Engine, RefusesAWrongPattern) {
  TestEngine test;
  const auto client = test.engine().open("null:", {.format = Formatter::pattern("%v %Q")});
  EXPECT_THAT(std::string(client.status().message()), HasSubstr("%Q is unknown"));
  const auto by_url = test.engine().open("null:?format=pattern&pattern=%25v%20%25Q");
  EXPECT_THAT(std::string(by_url.status().message()), HasSubstr("%Q is unknown"));
}

}  // namespace
}  // namespace metlog
