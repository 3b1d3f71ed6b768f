#include "metlog/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/stepper.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// One call of every severity, most severe first, by macro and by function.
void call_every_severity(Client& log) {
  METLOG_EMERGENCY(log, "0");
  METLOG_ALERT(log, "1");
  METLOG_CRITICAL(log, "2");
  METLOG_ERROR(log, "3");
  METLOG_WARN(log, "4");
  METLOG_NOTICE(log, "5");
  METLOG_INFO(log, "6");
  METLOG_DEBUG(log, "7");
  METLOG_TRACE(log, "7");
  log.emergency("0");
  log.alert("1");
  log.critical("2");
  log.error("3");
  log.warn("4");
  log.notice("5");
  log.info("6");
  log.debug("7");
  log.trace("7");
}

TEST(Client, HasASeverityForEveryCall) {
  TestEngine test({.client = {.logger = "tests", .min_severity = Severity::kTrace}});
  test.expect(18);
  call_every_severity(test.client());
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(18));
  for (int i = 0; i < 18; ++i) {
    const int severity = std::min(i % 9, 7);  // syslog has no number for TRACE
    EXPECT_EQ(messages[static_cast<std::size_t>(i)],
              envelope("oldstyle", severity, '"' + std::to_string(severity) + '"'));
  }
}

TEST(Client, LetsThroughWhatIsAtLeastAsSevereAsItsFloor) {
  for (int floor = 0; floor <= 8; ++floor) {
    TestEngine test;
    test.client().set_min_severity(static_cast<Severity>(floor));
    test.expect(static_cast<std::uint64_t>(2 * (floor + 1)));
    call_every_severity(test.client());
    EXPECT_THAT(test.settle(), SizeIs(2 * static_cast<std::size_t>(floor + 1))) << floor;
  }
}

TEST(Client, MakesNoCallsOfTraceUnlessItIsAsked) {
  TestEngine test;
  test.expect(16);
  call_every_severity(test.client());
  EXPECT_THAT(test.settle(), SizeIs(16));
}

TEST(Client, MasksEventsCountersAndTimersByItsOwnSeverity) {
  TestEngine test({.client = {.logger = "tests", .min_severity = Severity::kWarning}});
  Client& log = test.client();
  METLOG_EVENT(log, "e");
  METLOG_INCR(log, "n");
  { METLOG_TIMER(log, "t"); }
  log.metlog("e");
  log.incr("n");
  log.timer_send("t", 1);
  { const Timer timer = log.timer("t"); }
  log.metlog("e", {}, std::string(20'000, 'x'));
  log.incr("n", 1, {.fields = {{"big", std::string(20'000, 'x')}}});
  EXPECT_THAT(test.settle(), IsEmpty());
  log.set_min_severity(Severity::kInfo);
  METLOG_EVENT(test.log(), "e");
  log.set_min_severity(Severity::kDebug);
  test.log().debug("d");
  EXPECT_THAT(test.settle(), SizeIs(2));
}

TEST(Client, DoesNotEvaluateTheArgumentsOfAMaskedCall) {
  TestEngine test({.client = {.logger = "tests", .min_severity = Severity::kError}});
  int evaluated = 0;
  METLOG_INFO(test.client(), "{}", ++evaluated);
  METLOG_ERROR(test.log(), "{}", ++evaluated);
  EXPECT_EQ(evaluated, 1);
}

void use_in_every_way(Client& log) {
  call_every_severity(log);
  METLOG_EVENT(log, "e");
  METLOG_INCR(log, "n");
  { METLOG_TIMER(log, "t"); }
  log.metlog("e");
  log.metlog("e", {}, std::string(20'000, 'x'));
  log.incr("n", 2, {.fields = {{"a", 1}}});
  log.timer_send("t", 1);
  { const Timer timer = log.timer("t"); }
  log.exception("x");
  log.set_min_severity(Severity::kDebug);
  call_every_severity(log);
}

TEST(Client, DoesNothingOnceItIsClosed) {
  TestEngine test;
  test.log().info("before");
  test.client().close(60s);
  use_in_every_way(test.client());
  step_until_quiet(test.engine());
  EXPECT_THAT(test.capture().messages(), SizeIs(1));
  EXPECT_EQ(test.client().stats().emitted, 1U);
  EXPECT_TRUE(test.client().flush(0s));
}

TEST(Client, DoesNothingOnceItIsMovedFrom) {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  Client first = test.engine().open(std::make_unique<CaptureSender>(capture)).value();
  Client second = std::move(first);
  use_in_every_way(first);  // NOLINT(bugprone-use-after-move): what it is about
  EXPECT_EQ(first.stats().emitted, 0U);
  EXPECT_EQ(first.close(60s).sent, 0U);
  second.info("moved");
  first = std::move(second);
  first.info("and back");
  EXPECT_EQ(first.close(60s).sent, 2U);
  EXPECT_THAT(capture->messages(), SizeIs(2));
}

TEST(Client, EndsATimerThatOutlivesItWithoutAMessage) {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  Client other = test.engine().open(std::make_unique<CaptureSender>(capture)).value();
  {
    METLOG_TIMER(other, "macro");
    const Timer timer = other.timer("function");
    EXPECT_EQ(other.close(60s).sent, 0U);
  }
  {
    Client moved = test.engine().open(std::make_unique<CaptureSender>(capture)).value();
    METLOG_TIMER(moved, "moved");
    const Client elsewhere = std::move(moved);
  }
  EXPECT_THAT(test.settle(), IsEmpty());
  EXPECT_THAT(capture->messages(), IsEmpty());
}

TEST(Client, ClosesWhenItIsAssignedTo) {
  TestEngine test;
  const auto first = std::make_shared<Capture>();
  const auto second = std::make_shared<Capture>();
  Client client = test.engine().open(std::make_unique<CaptureSender>(first)).value();
  client.info("to the first");
  client = test.engine().open(std::make_unique<CaptureSender>(second)).value();
  client.info("to the second");
  client.close(60s);
  EXPECT_THAT(first->messages(), SizeIs(1));
  EXPECT_THAT(second->messages(), SizeIs(1));
}

TEST(Client, WritesFieldValuesOfEveryKind) {
  TestEngine test;
  const char* const null_text = nullptr;
  test.log().metlog("t", {.fields = {{"null", nullptr},
                                     {"true", true},
                                     {"int", -5},
                                     {"min", std::numeric_limits<std::int64_t>::min()},
                                     {"max", std::numeric_limits<std::uint64_t>::max()},
                                     {"char", 'a'},
                                     {"real", 0.5},
                                     {"whole", 2.0},
                                     {"nan", std::numeric_limits<double>::quiet_NaN()},
                                     {"inf", std::numeric_limits<double>::infinity()},
                                     {"text", "a"},
                                     {"string", std::string("b")},
                                     {"view", std::string_view("c")},
                                     {"nothing", null_text},
                                     {"", ""}}});
  EXPECT_THAT(
      test.settle(),
      ElementsAre(envelope(
          "t", 6, "\"\"",
          R"("null":null,"true":true,"int":-5,"min":-9223372036854775808,)"
          R"("max":18446744073709551615,"char":"a","real":0.5,"whole":2.0,"nan":null,"inf":null,)"
          R"("text":"a","string":"b","view":"c","nothing":null,"":"")")));
}

TEST(Client, WritesCharactersAndLongDoublesAsFieldValues) {
  TestEngine test;
  test.log().metlog("t", {.fields = {{"char", '"'},
                                     {"byte", '\xff'},
                                     {"char8", u8'a'},
                                     {"text8", u8"\u00e4"},
                                     {"string8", std::u8string_view(u8"b")},
                                     {"number", static_cast<unsigned char>('a')},
                                     {"long", 0.5L}}});
  const std::string fields =
      "\"char\":\"\\\"\",\"byte\":\"\ufffd\",\"char8\":\"a\",\"text8\":\"\u00e4\","
      "\"string8\":\"b\",\"number\":97,\"long\":0.5";
  EXPECT_THAT(test.settle(), ElementsAre(envelope("t", 6, "\"\"", fields)));
}

TEST(Client, SaysThatALongDoubleIsBeyondDoubleInAFieldValue) {
  if (std::numeric_limits<long double>::max_exponent10 < 4000) GTEST_SKIP() << "no such type";
  TestEngine test;
  test.log().metlog("t", {.fields = {{"a", 1e310L},
                                     {"b", -1e310L},
                                     {"c", std::numeric_limits<long double>::infinity()}}});
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, "\"\"",
                                   R"("a":"above 1.7976931348623157e+308",)"
                                   R"("b":"below -1.7976931348623157e+308","c":null)")));
}

TEST(Client, WritesPayloadsOfEveryKind) {
  TestEngine test;
  test.log().metlog("t", {}, nullptr);
  test.log().metlog("t", {}, 5);
  test.log().metlog("t", {}, 0.5);
  test.log().metlog("t", {}, true);
  METLOG_EVENT(test.log(), "t", payload("text"), kv("k", 1));
  METLOG_EVENT(test.log(), "t", payload(std::vector{1, 2}));
  METLOG_EVENT(test.log(), "t", payload(2.5));
  METLOG_EVENT(test.log(), "t");
  EXPECT_THAT(
      test.settle(),
      ElementsAre(envelope("t", 6, "null"), envelope("t", 6, "5"), envelope("t", 6, "0.5"),
                  envelope("t", 6, "true"), envelope("t", 6, "\"text\"", "\"k\":1"),
                  envelope("t", 6, "[1,2]"), envelope("t", 6, "2.5"), envelope("t", 6, "\"\"")));
}

TEST(Client, EscapesWhatJsonCannotHold) {
  TestEngine test;
  test.log().info("quote \" backslash \\ newline \n nul \x01 bad \xff\xfe");
  test.log().metlog("t\"\n", {.logger = "l\\", .fields = {{"k\t", "v\xc0"}}}, "p\"");
  METLOG_INFO(test.log(), "format \"{}\"\n", "a\"b", kv("k\"", "\\"));
  METLOG_INCR(test.log(), "name\"", 1);
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(4));
  EXPECT_EQ(payload_of(messages[0]),
            "quote \" backslash \\ newline \n nul \x01 bad \xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(field_of(messages[1], "k\t"), "\"v\xef\xbf\xbd\"");
  EXPECT_EQ(payload_of(messages[2]), "format \"a\"b\"\n");
  EXPECT_EQ(field_of(messages[3], "name"), "\"name\\\"\"");
}

TEST(Client, KnowsItsLedgerWhileItRuns) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  const Stepper stepper(test.engine());
  for (int i = 0; i < 5'000; ++i) {
    METLOG_INFO(test.log(), "{}", i);
    const Ledger ledger = test.client().stats();
    ASSERT_EQ(ledger.emitted, test.calls());
    ASSERT_GE(ledger.unexplained(), 0);
    ASSERT_LE(ledger.unexplained(), 128) << "a ring of 64 cells, and what this round has read";
  }
}

}  // namespace
}  // namespace metlog
