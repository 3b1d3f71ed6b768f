// What filters do to the messages of a client.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/site/site_registry.h"
#include "tests/support/lines.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ClientOptions with_filters(std::vector<Filter> filters) {
  ClientOptions options;
  options.logger = "tests";
  options.filters = std::move(filters);
  return options;
}

TestEngine engine_with(std::vector<Filter> filters) {
  return TestEngine({.client = with_filters(std::move(filters))});
}

std::vector<std::string> payloads_of(const std::vector<std::string>& messages) {
  std::vector<std::string> payloads;
  for (const std::string& message : messages) payloads.push_back(payload_of(message));
  return payloads;
}

Filter drop_all() {
  return {"drop_all", [](Message&) { return false; }};
}

// Statement 87.
TEST(SeverityMax, MasksLogCallsWhereTheyAreMade) {
  TestEngine test = engine_with({severity_max(3)});
  int evaluated = 0;
  METLOG_DEBUG(test.client(), "{}", ++evaluated);
  METLOG_INFO(test.client(), "{}", ++evaluated);
  METLOG_WARN(test.client(), "{}", ++evaluated);
  test.client().info("info");
  EXPECT_EQ(evaluated, 0);
  METLOG_ERROR(test.log(), "error {}", ++evaluated);
  test.log().critical("critical");
  test.log().exception("exception");
  EXPECT_THAT(payloads_of(test.settle()), ElementsAre("error 1", "critical", "exception\nNone"));
  EXPECT_EQ(test.client().stats().filtered, 0U) << "none of the others was emitted";
}

TEST(SeverityMax, MasksOtherCallsByTheClientsSeverity) {
  TestEngine test = engine_with({severity_max(5)});
  METLOG_INCR(test.client(), "n");
  METLOG_EVENT(test.client(), "e");
  { METLOG_TIMER(test.client(), "t"); }
  test.client().incr("n");
  test.client().metlog("e");
  EXPECT_THAT(test.settle(), IsEmpty());
  EXPECT_EQ(test.client().stats().emitted, 0U);
}

TEST(SeverityMax, LeavesCallsWithASeverityOfTheirOwnToTheFlusher) {
  TestEngine test = engine_with({severity_max(3)});
  METLOG_INCR(test.log(), "n", 1, severity(3));
  METLOG_INCR(test.log(), "n", 2, severity(4));
  METLOG_EVENT(test.log(), "e", payload("3"), severity(2));
  METLOG_EVENT(test.log(), "e", payload("4"), severity(7));
  test.log().incr("n", 5, {.severity = 1});
  test.log().incr("n", 6, {.severity = 5});
  test.client().incr("n", 7, {.fields = {{"a", 1}}});  // of the client's severity: masked
  EXPECT_THAT(payloads_of(test.settle()), ElementsAre("1", "3", "5"));
  EXPECT_EQ(test.client().stats().filtered, 3U);
}

TEST(TypeFilters, MaskWholeKindsOfCalls) {
  TestEngine test = engine_with({type_blacklist({"oldstyle", "timer"})});
  METLOG_EMERGENCY(test.client(), "x");
  test.client().emergency("x");
  { METLOG_TIMER(test.client(), "t"); }
  test.client().timer_send("t", 1);
  test.client().timer_send("t", 1, {.severity = 0});
  METLOG_INCR(test.log(), "n");
  EXPECT_THAT(test.settle(), SizeIs(1));
  EXPECT_EQ(test.client().stats().filtered, 0U);
}

void send_events(Client& log) {
  METLOG_EVENT(log, "foo", payload("foo"));
  METLOG_EVENT(log, "bar", payload("bar"));
  METLOG_EVENT(log, "foo", payload("severe"), severity(0));
}

TEST(TypeFilters, MaskEventsByTheirTypes) {
  TestEngine test = engine_with({type_whitelist({"bar"})});
  send_events(test.client());
  test.expect(1);
  test.log().metlog("foo", {}, "by function");
  test.log().metlog("bar", {}, "by function");
  EXPECT_THAT(payloads_of(test.settle()), ElementsAre("bar", "by function"));
  EXPECT_EQ(test.client().stats().filtered, 1U) << "the type of a function's call is known late";
}

TEST(TypeFilters, MaskSitesThatAreRegisteredLater) {
  TestEngine test = engine_with({type_blacklist({"late type"})});
  static NamedSiteGate gate{};
  gate.bits.value = gate::of_kind(SiteKind::kEvent);
  const Site site =
      describe_site({SiteKind::kEvent, Severity::kInfo, "late type", "f", "g", 1}, nullptr, 0);
  register_site(site, gate, &g_this_library);
  EXPECT_FALSE(gate.admits(test.client().gate()));
}

TEST(TypeSeverityMax, KnowsTheSeverityOfACallBeforeItIsMade) {
  TestEngine test = engine_with({type_severity_max({{"foo", 3}, {"counter", 5}, {"oldstyle", 4}})});
  send_events(test.client());
  test.expect(2);
  METLOG_INCR(test.client(), "n");
  METLOG_INFO(test.client(), "info");
  METLOG_WARN(test.log(), "warning");
  EXPECT_THAT(payloads_of(test.settle()), ElementsAre("bar", "severe", "warning"));
  EXPECT_EQ(test.client().stats().filtered, 0U);
}

// Statement 92.
TEST(TypeFilters, LetNothingPassAnEmptyWhitelistAndAllAnEmptyBlacklist) {
  TestEngine none = engine_with({type_whitelist({})});
  send_events(none.client());
  none.client().metlog("foo");
  none.client().emergency("x");
  none.client().incr("n");
  EXPECT_EQ(none.client().stats().emitted, 0U);
  none.finish();
}
TEST(TypeFilters, LetAllPassAnEmptyBlacklist) {
  TestEngine all = engine_with({type_blacklist({})});
  all.expect(3);
  send_events(all.client());
  EXPECT_THAT(all.settle(), SizeIs(3));
}

// Statements 93 and 94.
TEST(UsersFilter, ComesInItsPlaceAndOnlyWhenThoseBeforeLetPass) {
  std::vector<std::string> seen;
  const auto note = [&](std::string name, bool passes) {
    return Filter(name, [&seen, name, passes](Message&) {
      seen.push_back(name);
      return passes;
    });
  };
  TestEngine test = engine_with({note("first", true), severity_max(4), note("second", true),
                                 note("third", false), note("fourth", true)});
  test.log().info("dropped by the second");
  test.log().error("dropped by the fourth");
  EXPECT_THAT(test.settle(), IsEmpty());
  EXPECT_THAT(seen, ElementsAre("first", "first", "second", "third"));
  EXPECT_EQ(test.client().stats().filtered, 2U);
}

// Statement 95.
TEST(UsersFilter, MayChangeTheMessageForThoseBehindIt) {
  const Filter change("change", [](Message& message) {
    message.set_type("changed");
    message.set_severity(2);
    message.set_logger("its");
    message.set_payload(ValueList{1, 2.5, "x\n", nullptr, UINT64_MAX});
    message.change_fields().set("b", true);
    message.change_fields().erase("a");
    message.set_utc_ns(message.utc_ns() + 1'000'000'000);
    return true;
  });
  std::int64_t severity_seen = -1;
  const Filter look("look", [&](Message& message) {
    severity_seen = message.severity();
    return message.fields().contains("b");
  });
  TestEngine test = engine_with({change, severity_max(3), look});
  METLOG_INFO(test.log(), "before", kv("a", 1), kv("c", 0.1F));
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(severity_seen, 2);
  EXPECT_THAT(messages[0], HasSubstr(R"("type":"changed","logger":"its","severity":2,)"));
  EXPECT_THAT(messages[0], HasSubstr(R"("payload":[1,2.5,"x\n",null,18446744073709551615])"));
  EXPECT_THAT(messages[0], HasSubstr(R"("fields":{"c":0.1,"b":true}})"));
  EXPECT_THAT(messages[0], HasSubstr(R"("timestamp":"2013-01-18T12:34:57.789012Z")"));
}

TEST(UsersFilter, SeesWhatTheWireWouldSay) {
  std::vector<Message> seen;
  const Filter look("look", [&](Message& message) {
    seen.push_back(message);
    return true;
  });
  TestEngine test = engine_with({look});
  METLOG_INFO(test.log(), "order {} of {:>4}", 7, "me", kv("list", std::vector{1, 2}));
  test.log().metlog("event", {.logger = "lg", .severity = 0, .fields = {{"k", "v"}}}, 5);
  METLOG_INCR(test.log(), "n", 1.5, rate(1.0));
  ASSERT_THAT(test.settle(), SizeIs(3));
  EXPECT_EQ(seen[0].type(), "oldstyle");
  EXPECT_EQ(seen[0].logger(), "tests");
  EXPECT_EQ(seen[0].payload(), Value("order 7 of   me"));
  EXPECT_EQ(seen[0].fields(), (ValueMap{{"list", ValueList{1, 2}}}));
  EXPECT_EQ(seen[1].logger(), "lg");
  EXPECT_EQ(seen[1].severity(), 0);
  EXPECT_EQ(seen[1].payload(), Value(5));
  EXPECT_EQ(seen[2].payload(), Value("1.5"));
  EXPECT_EQ(seen[2].fields(), (ValueMap{{"name", "n"}, {"rate", 1.0}}));
}

TEST(UsersFilter, LeavesWhatItOnlyLookedAtAsItIs) {
  const auto messages_with = [](std::vector<Filter> filters) {
    TestEngine test = engine_with(std::move(filters));
    METLOG_INFO(test.log(), "{} {}", "\x01\xff", 1.0, kv("f", 0.1F), kv("n", UINT64_MAX));
    METLOG_EVENT(test.log(), "e", payload(std::vector{1.5}));
    return test.settle();
  };
  EXPECT_EQ(messages_with({Filter("look", [](Message&) { return true; })}), messages_with({}));
}

// Statement 96: in the flusher, no caller is left to report to.
TEST(UsersFilter, LosesTheMessageVisiblyWhenItThrows) {
  const Filter throws("throws", [](Message& message) {
    if (message.severity() == 3) throw std::runtime_error("a defect");
    return true;
  });
  TestEngine test = engine_with({throws});
  test.log().info("one");
  test.log().error("two");
  test.log().info("three");
  const std::vector<std::string> messages = test.settle();
  EXPECT_EQ(test.client().stats().lost[LossReason::kFilterFailed], 1U);
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(payload_of(messages[1]), "three");
  EXPECT_EQ(loss_reason(messages[2]), "filter_failed");
  EXPECT_EQ(loss_count(messages[2]), 1U);
}

TEST(UsersFilter, SeesAMessageOnceThoughItsDestinationIsStuck) {
  int seen = 0;
  ClientOptions options = with_filters({Filter("count", [&](Message&) { return ++seen > 0; })});
  options.batch_count = 1;
  options.batch_bytes = 1;
  TestEngine test({.client = options});
  test.capture().script(std::vector(5, Capture::busy()));
  test.log().info("one");
  test.log().info("two");
  for (int round = 0; round < 20; ++round) test.engine().step();
  EXPECT_THAT(test.settle(), SizeIs(2));
  EXPECT_EQ(seen, 2);
}

TEST(UsersFilter, WorksOnLinesOfTextToo) {
  ClientOptions options = with_filters({Filter("change", [](Message& message) {
    if (message.type() == "oldstyle") return true;
    message.change_fields().set("host", "a 1");
    return true;
  })});
  options.format = MessageFormat::kText;
  TestEngine test({.client = options});
  METLOG_INFO(test.log(), "as it \"was\"", kv("k", 1));
  METLOG_INCR(test.log(), "orders", 3, kv("k", 1));
  METLOG_EVENT(test.log(), "e", payload(std::vector{1, 2}));
  test.log().timer_send("t", 1.5);
  EXPECT_THAT(test.settle(),
              ElementsAre(HasSubstr(R"( INFO   tests: as it "was" k=1)"),
                          HasSubstr(R"( INFO   tests: counter orders 3 k=1 host="a 1")"),
                          HasSubstr(R"( INFO   tests: e [1,2] host="a 1")"),
                          HasSubstr(R"( INFO   tests: timer t 1.5 ms host="a 1")")));
}

TEST(UsersFilter, MayDropEverything) {
  TestEngine test = engine_with({drop_all()});
  test.expect(3);
  send_events(test.client());
  EXPECT_THAT(test.settle(), IsEmpty());
  EXPECT_EQ(test.client().stats().filtered, 3U);
}

}  // namespace
}  // namespace metlog
