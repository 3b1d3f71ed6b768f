// timeit() and incr_count(): tests/golden/decorators.json translated to C++.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/calls/decorator_world.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

constexpr const char* kFullName = "golden_decorators_test.add";

/// By the golden case's name: what a C++ program writes instead; it sends to the default client.
const std::map<std::string, std::function<void(DecoratorWorld&)>, std::less<>> kGoldenCalls = {
    {"timeit_bare", [](DecoratorWorld&) { EXPECT_EQ(METLOG_TIMEIT(add)(1, 2), 3); }},
    {"incr_bare", [](DecoratorWorld&) { EXPECT_EQ(METLOG_INCR_COUNT(add)(1, 2), 3); }},
    {"incr_args",
     [](DecoratorWorld&) {
       incr_count(add, "qdo.foo", {.count = 5, .logger = "somelogger", .severity = 2})(1, 2);
     }},
    {"timeit_args",
     [](DecoratorWorld&) {
       timeit(add, std::string("qdo.timeit"),
              {.logger = std::string("timeit_logger"),
               .severity = 5,
               .fields = {{"anumber", 42}, {"atext", "foo"}},
               .rate = 7})(1, 2);
     }},
    {"incr_exception",
     [](DecoratorWorld&) { EXPECT_THROW(METLOG_INCR_COUNT(boom)(), std::runtime_error); }},
    {"order_incr_over_timeit", [](DecoratorWorld&) { incr_count(METLOG_TIMEIT(add))(1, 2); }},
    {"order_timeit_over_incr", [](DecoratorWorld&) { timeit(METLOG_INCR_COUNT(add))(1, 2); }},
    {"method", [](DecoratorWorld&) { incr_count(METLOG_TIMEIT(&Cart::total))(Cart(), 1); }},
    {"rebinding_disabled_sticks",
     [](DecoratorWorld& world) {
       const auto wrapped = METLOG_TIMEIT(add);
       world.disabled_decorators = {"timeit"};
       wrapped(1, 2);
       world.disabled_decorators.clear();
       wrapped(1, 2);
     }},
    {"disable_only_outer",
     [](DecoratorWorld& world) {
       world.disabled_decorators = {"incr_count"};
       incr_count(METLOG_TIMEIT(add))(1, 2);
     }},
    {"disabled_star_not_special",
     [](DecoratorWorld& world) {
       world.disabled_decorators = {"*"};
       METLOG_TIMEIT(add)(1, 2);
     }},
    {"timeit_disabled_fq_name",
     [](DecoratorWorld& world) {
       world.client->disable_timer(kFullName);
       METLOG_TIMEIT(add)(1, 2);
     }},
    {"timeit_disabled_fq_then_enabled",
     [](DecoratorWorld& world) {
       const auto wrapped = METLOG_TIMEIT(add);
       world.client->disable_timer(kFullName);
       wrapped(1, 2);
       world.client->enable_timer(kFullName);
       wrapped(1, 2);
     }},
    {"timeit_disabled_positional_name",
     [](DecoratorWorld& world) {
       world.disabled_timers = {"a"};
       timeit(add, "a")(1, 2);
     }},
    {"timeit_disabled_keyword_name",
     [](DecoratorWorld& world) {
       world.disabled_timers = {"a"};
       timeit(add, "a")(1, 2);
     }},
    {"incr_ignores_disabled_timers",
     [](DecoratorWorld& world) {
       world.disabled_timers = {"add"};
       METLOG_INCR_COUNT(add)(1, 2);
     }},
    {"client_cached",
     [](DecoratorWorld&) {
       const auto wrapped = METLOG_TIMEIT(add);
       wrapped(1, 2);
       wrapped(1, 2);
     }},
    {"lambda", [](DecoratorWorld&) { timeit([] {})(); }},
    {"callable_object", [](DecoratorWorld&) { incr_count(Callable())(1); }},
};

/// The cases that C++ cannot write, or whose outcome is fixed, and why; docs/compatibility.md.
const std::set<std::string, std::less<>>& not_replayed() {
  static const std::set<std::string, std::less<>> kNames = {
      "timeit_bad_arg",            // does not compile
      "timeit_empty_parens",       // the name is filled in
      "incr_no_name",              // the name is filled in
      "client_kw_only",            // the name is filled in
      "disabled_single_string",    // a string is one element
      "disabled_none",             // refused by the configuration's type
      "explicit_client",           // MayNameTheirClient
      "no_default_client_timeit",  // RunTheFunctionUnmeasuredWhileThereIsNoClient
      "no_default_client_incr",    // the same
      "builtin",                   // there are none
  };
  return kNames;
}

// A golden message beside one of ours: names differ by module and function.
void expect_alike(const simdjson::dom::element& golden, const std::string& message) {
  simdjson::dom::parser parser;
  const simdjson::dom::element ours = parser.parse(message);
  for (const char* const key : {"type", "logger", "severity"}) {
    EXPECT_EQ(simdjson::to_string(ours[key]), simdjson::to_string(golden[key])) << message;
  }
  for (const auto& [key, value] : golden["fields"].get_object()) {
    if (key == "name" && value.get_string().value().find("__main__") == 0) continue;
    EXPECT_TRUE(is_same_json(field_of(message, key), simdjson::to_string(value))) << message;
  }
}

TEST(GoldenDecorators, SendWhatTheReferenceSends) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/decorators.json");
  std::size_t count = 0;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const std::string name(entry["name"].get_string().value());
    SCOPED_TRACE(name);
    ++count;
    if (not_replayed().contains(name)) continue;
    const auto call = kGoldenCalls.find(name);
    ASSERT_NE(call, kGoldenCalls.end());
    const simdjson::dom::array expected = entry["messages"];
    TestEngine test({.client = {.logger = name == "client_cached" ? "one" : "d"}});
    test.expect(expected.size());
    DecoratorWorld world;
    world.client = &test.client();
    call->second(world);
    const std::vector<std::string> messages = test.settle();
    ASSERT_EQ(messages.size(), expected.size());
    for (std::size_t i = 0; i < messages.size(); ++i) expect_alike(expected.at(i), messages[i]);
  }
  EXPECT_EQ(count, kGoldenCalls.size() + not_replayed().size());
}

}  // namespace
}  // namespace metlog
