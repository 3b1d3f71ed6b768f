// Counters, timers and sampling.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "metlog/decorators.h"
#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string metric(std::string_view type, std::string_view payload, std::string_view fields) {
  return envelope(type, 6, '"' + std::string(payload) + '"', fields);
}

TEST(Counter, CountsAnyNumber) {
  TestEngine test;
  METLOG_INCR(test.log(), "n");
  METLOG_INCR(test.log(), "n", 512);
  METLOG_INCR(test.log(), "n", -3);
  METLOG_INCR(test.log(), "n", 1.5);
  METLOG_INCR(test.log(), "n", UINT64_MAX);
  test.log().incr("n", 512);
  test.log().incr("n", UINT64_MAX);
  std::vector<std::string> expected;
  for (const char* const count :
       {"1", "512", "-3", "1.5", "18446744073709551615", "512", "18446744073709551615"}) {
    expected.push_back(metric("counter", count, R"("name":"n","rate":1.0)"));
  }
  EXPECT_EQ(test.settle(), expected);
}

TEST(Counter, CountsABoolAndACharacterAsItsNumber) {
  TestEngine test;
  METLOG_INCR(test.log(), "n", 2 > 1);
  METLOG_INCR(test.log(), "n", false);
  METLOG_INCR(test.log(), "n", 'a');
  METLOG_INCR(test.log(), "n", static_cast<signed char>(-5));
  METLOG_INCR(test.log(), "n", static_cast<unsigned char>(200));
  METLOG_INCR(test.log(), "n", u8'a');
  METLOG_INCR(test.log(), "n", u'a');
  METLOG_INCR(test.log(), "n", U'\U0010FFFF');
  METLOG_INCR(test.log(), "n", L'a');
  METLOG_INCR(test.log(), "n", std::vector<bool>{true}[0] ? true : false);
  METLOG_EVERY_N(1, METLOG_INCR, test.log(), "limited", true);
  test.log().incr("n", 2 > 1);
  test.log().incr("n", false);
  test.log().incr("n", 'a');
  test.log().incr("n", U'\U0010FFFF');
  test.log().timer_send("n", true);
  const auto counted = incr_count([] {}, "n", {.count = true, .client = &test.client()});
  test.expect(1);
  counted();
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  EXPECT_THAT(payloads, ElementsAre("1", "0", "97", "-5", "200", "97", "97", "1114111", "97", "1",
                                    "1", "1", "0", "97", "1114111", "1", "1"));
}

TEST(Counter, CountsInATextOfAnyLength) {
  TestEngine test;
  test.log().incr("n", "1180591620717411303424");
  test.log().timer_send("n", "5", {.rate = 0.5});
  test.log().incr("n", "\"\n");
  test.log().incr("n", "");
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  EXPECT_THAT(payloads, ElementsAre("1180591620717411303424", "5", "\"\n", ""));
}

TEST(Counter, CountsInATextThatCannotEndItsLine) {
  TestEngine test({.client = {.logger = "tests", .format = MessageFormat::kText}});
  test.log().incr("n", "1\n2");
  EXPECT_THAT(test.settle(), ElementsAre(testing::EndsWith("counter n 1\\n2")));
}

TEST(Counter, HasFieldsBesideItsNameAndRate) {
  TestEngine test;
  METLOG_INCR(test.log(), "n", 5, kv("a", 1), kv("name", "mine"), kv("rate", 9), kv("b", "x"));
  METLOG_INCR(test.log(), "n", kv("a", 1), rate(1.0));
  test.log().incr("n", 5, {.fields = {{"name", "mine"}, {"a", 1}, {"rate", 9}}});
  EXPECT_THAT(test.settle(),
              ElementsAre(metric("counter", "5", R"("a":1,"b":"x","name":"n","rate":1.0)"),
                          metric("counter", "1", R"("a":1,"name":"n","rate":1.0)"),
                          metric("counter", "5", R"("a":1,"name":"n","rate":1.0)")));
}

TEST(Counter, TakesALoggerAndASeverityOfItsOwn) {
  TestEngine test;
  METLOG_INCR(test.log(), "n", 1, logger("lg"), severity(2));
  test.log().incr("n", 1, {.logger = "lg", .severity = 2});
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0], messages[1]);
  EXPECT_NE(messages[0].find(R"("logger":"lg","severity":2,)"), std::string::npos);
}

TEST(Timer, SendsMillisecondsWithSixDecimals) {
  TestEngine test({.clock = std::make_unique<FakeClock>(0, 0, 1)});
  { METLOG_TIMER(test.log(), "macro", kv("k", 1)); }
  { const Timer timer = test.log().timer("function", {.fields = {{"k", 1}}}); }
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(2));
  for (const std::string& message : messages) {
    EXPECT_THAT(payload_of(message), testing::MatchesRegex("[0-9]+\\.[0-9]{6}"));
    EXPECT_EQ(field_of(message, "k"), "1");
    EXPECT_EQ(field_of(message, "rate"), "1.0");
  }
  EXPECT_EQ(field_of(messages[0], "name"), "\"macro\"");
  EXPECT_EQ(field_of(messages[1], "name"), "\"function\"");
}

TEST(Timer, MayBeNested) {
  TestEngine test;
  {
    METLOG_TIMER(test.log(), "outer");
    METLOG_TIMER(test.log(), "beside");
    { METLOG_TIMER(test.log(), "inner"); }
    const Timer function = test.log().timer("function");
    METLOG_INFO(test.log(), "inside");
  }
  std::vector<std::string> names;
  for (const std::string& message : test.settle()) names.push_back(field_of(message, "name"));
  EXPECT_THAT(names,
              ElementsAre("\"inner\"", "(absent)", "\"function\"", "\"beside\"", "\"outer\""));
}

TEST(Timer, EvaluatesItsFieldsWhenTheScopeIsLeft) {
  TestEngine test;
  {
    int status = 0;
    METLOG_TIMER(test.log(), "t", kv("status", status));
    status = 200;
  }
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(field_of(messages[0], "status"), "200");
}

TEST(Timer, MayBeStoppedAndThenSendsNoMore) {
  TestEngine test({.clock = std::make_unique<FakeClock>(0, 0, 1'000'000)});
  Timer timer = test.log().timer("t", {.logger = "lg", .severity = 3});
  const std::int64_t ms = timer.stop();
  EXPECT_GT(ms, 0) << "a tick is a millisecond here";
  EXPECT_EQ(timer.stop(), 0);
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(payload_of(messages[0]), std::to_string(ms) + ".000000");
  EXPECT_NE(messages[0].find(R"("logger":"lg","severity":3,)"), std::string::npos);
}

TEST(Timer, KeepsCopiesOfItsTexts) {
  TestEngine test;
  {
    std::string name = "a name that is too long for the small string";
    std::string value = "a value that is too long for the small string";
    const Timer timer = test.log().timer(name, {.logger = name, .fields = {{name, value}}});
    name.assign(name.size(), '?');
    value.assign(value.size(), '?');
  }
  EXPECT_EQ(test.settle()[0].find('?'), std::string::npos);
}

TEST(Timer, DoesNothingWhenItsKindIsMasked) {
  TestEngine test({.client = {.logger = "tests", .min_severity = Severity::kError}});
  { METLOG_TIMER(test.client(), "t"); }
  { const Timer timer = test.client().timer("t"); }
  EXPECT_THAT(test.settle(), IsEmpty());
}

/// Calls `call` so often and returns how many were let through, which the ledger must agree with.
template <class Call>
std::uint64_t let_through(int calls, Call call) {
  TestEngine test({.engine = {.ring_bytes = 1 << 20, .session_directory = "none"}});
  std::uint64_t through = 0;
  for (int i = 0; i < calls; ++i) {
    call(test.client());
    if (i % 5000 == 4999) through = test.settle().size();
  }
  through = test.settle().size();
  EXPECT_EQ(test.client().stats().emitted, through);
  test.expect(through);
  return through;
}

TEST(Rate, OfOneAndMoreSendsEveryCall) {
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(1)); }), 1000U);
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(7)); }), 1000U);
  EXPECT_EQ(let_through(1000, [](Client& c) { c.incr("n", 1, {.rate = 7}); }), 1000U);
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_TIMER(c, "t", rate(1)); }), 1000U);
}

TEST(Rate, OfZeroOrLessSendsNoCall) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(0)); }), 0U);
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(-1)); }), 0U);
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(kNan)); }), 0U);
  EXPECT_EQ(let_through(1000, [](Client& c) { c.incr("n", 1, {.rate = 0}); }), 0U);
  EXPECT_EQ(let_through(1000, [](Client& c) { METLOG_TIMER(c, "t", rate(0)); }), 0U);
  EXPECT_EQ(let_through(1000, [](Client& c) { (void)c.timer("t", {.rate = 0}); }), 0U);
}

// 100,000 calls at a tenth: 10,000 +- 95 is one standard deviation.
TEST(Rate, OfATenthSendsATenthOfTheCalls) {
  const auto is_a_tenth = testing::AllOf(testing::Ge(9'200U), testing::Le(10'800U));
  EXPECT_THAT(let_through(100'000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(0.1)); }),
              is_a_tenth);
  EXPECT_THAT(let_through(100'000, [](Client& c) { c.incr("n", 1, {.rate = 0.1}); }), is_a_tenth);
  EXPECT_THAT(let_through(100'000, [](Client& c) { METLOG_TIMER(c, "t", rate(0.1)); }), is_a_tenth);
  EXPECT_THAT(let_through(100'000, [](Client& c) { (void)c.timer("t", {.rate = 0.1}); }),
              is_a_tenth);
}

// Two rates in turns in one thread: each place keeps its own. 50,000 +- 158 at a half.
TEST(Rate, OfOnePlaceDoesNotReachAnother) {
  const auto let_through_of_two = let_through(100'000, [](Client& c) {
    METLOG_INCR(c, "tenth", 1, rate(0.1));
    METLOG_INCR(c, "half", 1, rate(0.5));
  });
  EXPECT_THAT(let_through_of_two, testing::AllOf(testing::Ge(58'500U), testing::Le(61'500U)));
}

TEST(Rate, IsReportedWithEveryCallThatWasSent) {
  TestEngine test;
  for (int i = 0; i < 1000; ++i) METLOG_INCR(test.client(), "n", 1, rate(0.25));
  const std::vector<std::string> messages = test.settle();
  ASSERT_GT(messages.size(), 0U);
  for (const std::string& message : messages) EXPECT_EQ(field_of(message, "rate"), "0.25");
  test.expect(messages.size());
}

/// Scopes of one place and a new thread, with its further arguments counted.
struct SampledScopes {
  int begun = 0;
  int evaluated = 0;
  void run(Client& log, int count, double share) {
    std::thread([&] {
      for (int i = 0; i < count; ++i) {
        ++begun;
        METLOG_TIMER(log, "t", rate(share), kv("evaluated", ++evaluated));
      }
    }).join();
  }
};

TEST(SampledCounter, IsSentOnceItsRateIsNoLongerZero) {
  TestEngine test;
  for (int i = 0; i < 20; ++i) METLOG_INCR(test.client(), "hits", rate(i < 10 ? 0.0 : 1.0));
  test.expect(10);
  EXPECT_THAT(test.settle(), SizeIs(10));
}

TEST(SampledTimer, EvaluatesNothingWhenItsScopeIsNotSent) {
  TestEngine test;
  SampledScopes scopes;
  scopes.run(test.client(), 10'000, 0.0);
  EXPECT_EQ(scopes.evaluated, 1) << "only the thread's first scope asks for the rate";
  EXPECT_THAT(test.settle(), IsEmpty());
}

TEST(SampledTimer, AsksAgainForARateThatWasZero) {
  TestEngine test({.client = {.logger = "tests", .when_full = WhenFull::kGrow}});
  for (int i = 0; i < 70'000; ++i) {
    METLOG_TIMER(test.client(), "t", rate(i < 10 ? 0.0 : 1.0));
  }
  test.expect(test.settle().size());
  EXPECT_GT(test.client().stats().sent, 4'000U);
}

TEST(SampledTimer, SendsEveryScopeOfARateOfOne) {
  TestEngine test;
  SampledScopes scopes;
  for (const double share : {1.0, 7.5}) {
    test.expect(100);
    scopes.run(test.client(), 100, share);
  }
  EXPECT_EQ(scopes.evaluated, 200);
  EXPECT_THAT(test.settle(), SizeIs(200));
}

TEST(SampledTimer, SendsTheShareOfItsScopes) {
  TestEngine test({.client = {.logger = "tests", .when_full = WhenFull::kGrow}});
  SampledScopes scopes;
  // Many threads of few scopes, so that the first of a thread counts; and one of many.
  for (int thread = 0; thread < 500; ++thread) scopes.run(test.client(), 4, 0.25);
  scopes.run(test.client(), 18'000, 0.25);
  const std::size_t sent = test.settle().size();
  test.expect(sent);
  EXPECT_NEAR(static_cast<double>(sent), 5'000, 400);  // more than six standard deviations
  EXPECT_LT(scopes.evaluated, 5'000 + 400 + 500);
}

void recurse(Client& log, int depth, double share) {
  METLOG_TIMER(log, "nested", rate(share));
  if (depth > 1) recurse(log, depth - 1, share);
}

TEST(SampledTimer, DecidesForEachScopeWithinAnother) {
  TestEngine test({.client = {.logger = "tests", .when_full = WhenFull::kGrow}});
  for (int i = 0; i < 2'000; ++i) recurse(test.client(), 5, 0.5);
  const std::size_t sent = test.settle().size();
  test.expect(sent);
  EXPECT_NEAR(static_cast<double>(sent), 5'000, 400);
}

TEST(SampledTimer, IsDecidedByTheClientFirst) {
  TestEngine test;
  test.client().disable_timer("t");
  SampledScopes scopes;
  scopes.run(test.client(), 10, 1.0);
  EXPECT_EQ(scopes.evaluated, 0);
  EXPECT_THAT(test.settle(), IsEmpty());
}

/// The calls of the function API, of one client.
void call_all_functions(Client& log) {
  log.metlog("t", {.fields = {{"a", 1}}}, "p");
  log.incr("n");
  log.incr("n", 1, {.rate = 0.0});
  log.timer_send("n", 5);
  EXPECT_EQ(log.timer("n").stop(), 0);
  EXPECT_FALSE(log.timer("n").result().has_value());
  log.debug("d");
  log.info("i");
  log.exception("e", kNoTrace);
}

TEST(FunctionCalls, DoNothingWhenTheClientBlocksThem) {
  TestEngine test({.client = {.logger = "tests", .min_severity = Severity::kError}});
  test.expect(1);
  call_all_functions(test.client());
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 1, R"("e")")));
  EXPECT_EQ(test.client().close(std::chrono::seconds(0)).lost, 0U);
  call_all_functions(test.client());
}

}  // namespace
}  // namespace metlog
