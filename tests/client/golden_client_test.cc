// The reference's own calls, as far as the face reaches them: tests/golden/client_calls.json.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "metlog/percent.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using Call = std::function<void(Client&)>;

/// A call that answers with an error; percent_test.cc has the texts.
Call refused(const PercentText& text) {
  return [text](Client& c) { EXPECT_FALSE(c.info(text).ok()); };
}

/// By the case's name: what a C++ program writes instead.
const std::map<std::string, Call, std::less<>> kCalls = {
    {"metlog_min", [](Client& c) { c.metlog("testtype"); }},
    {"metlog_payload", [](Client& c) { c.metlog("testtype", {}, "this is a test"); }},
    {"metlog_positional",
     [](Client& c) {
       c.metlog("t", {.logger = "lg", .severity = 3, .fields = {{"k", 1}}}, "pl");
     }},
    {"metlog_empty_logger_explicit", [](Client& c) { c.metlog("t", {.logger = ""}); }},
    {"metlog_severity_out_of_range", [](Client& c) { c.metlog("t", {.severity = 99}); }},
    {"metlog_default_severity", [](Client& c) { c.metlog("t"); }},
    {"metlog_payload_none", [](Client& c) { c.metlog("t", {}, nullptr); }},
    {"metlog_empty_fields", [](Client& c) { c.metlog("t", {.fields = {}}); }},
    {"metlog_empty_type", [](Client& c) { c.metlog(""); }},
    {"oldstyle_debug", [](Client& c) { c.debug("debug message"); }},
    {"oldstyle_warn", [](Client& c) { c.warn("warn message"); }},
    {"oldstyle_error", [](Client& c) { c.error("error message"); }},
    {"oldstyle_exception_false", [](Client& c) { c.alert("boom"); }},
    {"oldstyle_exception_no_active", [](Client& c) { c.exception("boom"); }},
    {"oldstyle_exc_positional", [](Client& c) { c.exception("boom %s", nullptr); }},
    {"oldstyle_exc_positional3", [](Client& c) { METLOG_ALERT(c, "boom {}", "arg"); }},
    {"oldstyle_args",
     [](Client& c) { METLOG_WARN(c, "1, 2: {}\n3, 4: {}", "buckle my shoe", "shut the door"); }},
    {"oldstyle_mapping",
     [](Client& c) {
       const ValueMap map{{"onetwo", "buckle my shoe"}, {"threefour", "shut the door"}};
       EXPECT_TRUE(c.warn(percent("1, 2: %(onetwo)s\n3, 4: %(threefour)s", map)).ok());
     }},
    {"oldstyle_map_plus",
     [](Client& c) {
       EXPECT_TRUE(c.info(percent("%s", ValueMap{{"a", 1}})).ok());
     }},
    {"oldstyle_too_few", refused(percent("%s %s", "a"))},
    {"oldstyle_bad_type", refused(percent("%d", "a"))},
    {"oldstyle_missing_key", refused(percent("%(a)s", ValueMap{{"b", 1}}))},
    {"oldstyle_unsupported", refused(percent("%y", 1))},
    {"oldstyle_tuple_noconv", refused(percent("plain", 1))},
    {"oldstyle_emptymap", [](Client& c) { c.info("x %(a)s"); }},
    {"oldstyle_kwargs_ignored", [](Client& c) { c.info("x"); }},
    {"incr_default", [](Client& c) { c.incr("incr"); }},
    {"incr_10", [](Client& c) { c.incr("incr", 10); }},
    {"incr_neg", [](Client& c) { c.incr("incr", -3); }},
    {"incr_float", [](Client& c) { c.incr("incr", 1.5); }},
    {"incr_full",
     [](Client& c) {
       c.incr("qdo.foo", 5, {.logger = "somelogger", .severity = 2, .fields = {{"x", 1}}});
     }},
    {"incr_overwrites_name_rate",
     [](Client& c) {
       c.incr("n", 1, {.fields = {{"name", "zzz"}, {"rate", "zzz"}}});
     }},
    {"incr_rate_7", [](Client& c) { c.incr("n", 1, {.rate = 7}); }},
    {"incr_rate_0", [](Client& c) { c.incr("n", 1, {.rate = 0}); }},
    {"timer_send_int", [](Client& c) { c.timer_send("t", 12); }},
    {"timer_send_float", [](Client& c) { c.timer_send("t", 12.5); }},
    {"timer_send_rate", [](Client& c) { c.timer_send("t", 7, {.rate = 0.0}); }},
    {"timer_send_full",
     [](Client& c) {
       c.timer_send("t", 7, {.logger = "lg", .severity = 5, .fields = {{"a", 1}}, .rate = 0.25});
     }},
    {"fields_mutated_in_place",
     [](Client& c) {
       c.incr("n", 1, {.fields = {{"a", 1}}});
       c.timer_send("t", 3, {.fields = {{"b", 2}}});
     }},
};

/// Sends one case's call and compares what comes out with what the reference sent.
void run_case(const simdjson::dom::element& golden, const Call& call) {
  const auto logger = golden["client"]["logger"].get_string().value();
  const auto severity = static_cast<int>(golden["client"]["severity"].get_int64().value());
  TestEngine test({.client = {.logger = std::string(logger), .severity = severity}});
  const simdjson::dom::array expected = golden["messages"];
  test.expect(expected.size());
  call(test.client());
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), expected.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string wanted = simdjson::to_string(expected.at(i).value());
    EXPECT_TRUE(is_same_json(messages[i], wanted)) << messages[i] << "\n" << wanted;
  }
}

TEST(Client, SendsWhatTheReferenceSends) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/client_calls.json");
  std::set<std::string, std::less<>> seen;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const std::string name(entry["name"].get_string().value());
    SCOPED_TRACE(name);
    seen.insert(name);
    const auto call = kCalls.find(name);
    ASSERT_NE(call, kCalls.end()) << "a golden case without a call";
    run_case(entry, call->second);
  }
  EXPECT_EQ(seen.size(), kCalls.size());
}

TEST(Client, WritesAnExceptionsTypeAndText) {
  TestEngine test;
  try {
    throw std::out_of_range("too far");
  } catch (const std::exception&) {
    test.log().exception("boom");
    test.log().exception("boom\n");
    METLOG_EXCEPTION(test.log(), "order {}", 7);
  }
  METLOG_EXCEPTION(test.log(), "outside");
  try {
    throw 5;
  } catch (...) {
    METLOG_EXCEPTION(test.log(), "a number");
  }
  EXPECT_EQ(test.settle(),
            (std::vector{envelope("oldstyle", 1, R"("boom\nstd::out_of_range: too far")"),
                         envelope("oldstyle", 1, R"("boom\nstd::out_of_range: too far")"),
                         envelope("oldstyle", 1, R"("order 7\nstd::out_of_range: too far")"),
                         envelope("oldstyle", 1, R"("outside\nNone")"),
                         envelope("oldstyle", 1, R"("a number\nint")")}));
}

}  // namespace
}  // namespace metlog
