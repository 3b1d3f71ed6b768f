// The reference's timers: tests/golden/timer_scenarios.json and timer_rounding.json, statements 37
// to 61. A tick is a microsecond here and threads spin through them, so times are known from below.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// Lets at least that much time pass.
void pass(double seconds) {
  const auto span = static_cast<std::uint64_t>(seconds * 1e6);
  const std::uint64_t begin = steady_ticks();
  while (steady_ticks() - begin < span) {
  }
}

/// A message as far as a scenario says something about it; the payload from below.
struct Expected {
  std::int64_t least_ms;
  std::string fields;  // JSON
};

struct Scenario {
  std::function<void(Client&)> run;
  std::vector<std::string> disabled = {};
  /// Instead of the golden messages, where the original's accident is corrected.
  std::optional<std::vector<Expected>> fixed = std::nullopt;
};

void recurse(Client& client, int depth) {
  const Timer timer = client.timer("rec");
  pass(1);
  if (depth > 0) recurse(client, depth - 1);
}

const auto kWaitASecond = [](const char* name) {
  return [name](Client& client) {
    const Timer timer = client.timer(name);
    pass(1);
  };
};

const std::map<std::string, Scenario, std::less<>> kScenarios = {
    {"basic", {[](Client& c) {
       Timer timer = c.timer("a");
       EXPECT_FALSE(timer.result().has_value());
       pass(0.25);
       const std::int64_t ms = timer.stop();
       EXPECT_GE(ms, 250);
       EXPECT_EQ(timer.result(), ms);
     }}},
    {"exception_propagates", {[](Client& c) {
       const auto scope = [&] {
         const Timer timer = c.timer("a");
         pass(0.1);
         throw std::runtime_error("x");
       };
       EXPECT_THROW(scope(), std::runtime_error);
     }}},
    {"nested_same_name",
     {[](Client& c) {
        const Timer outer = c.timer("a");
        pass(1);
        {
          const Timer inner = c.timer("a");
          pass(0.5);
        }
        pass(0.25);
      },
      {},
      {{{500, R"({"name":"a","rate":1.0})"}, {1750, R"({"name":"a","rate":1.0})"}}}}},
    {"recursive_decorator",
     {[](Client& c) { recurse(c, 2); },
      {},
      {{{1000, R"({"name":"rec","rate":1.0})"},
        {2000, R"({"name":"rec","rate":1.0})"},
        {3000, R"({"name":"rec","rate":1.0})"}}}}},
    {"decorator_return",
     {[](Client& c) { EXPECT_EQ(timed(c, "x", [](int n) { return n; })(5), 5); }}},
    {"disabled_decorator_returns_fn",
     {[](Client& c) { EXPECT_EQ(timed(c, "x", [] { return 5; })(), 5); }, {"x"}}},
    {"disabled_other_runs", {kWaitASecond("y"), {"x"}}},
    {"disabled_single_string", {kWaitASecond("y"), {"x"}}},
    {"disabled_star_string", {kWaitASecond("x"), {"*"}}},
    {"disabled_no_glob", {kWaitASecond("xy"), {"x*"}}},
    {"enable_after_decoration",
     {[](Client& c) {
        const auto f = timed(c, "x", [] {});
        f();
        c.enable_timer("x");
        f();
        c.disable_timer("x");
        f();
      },
      {"x"},
      {{{0, R"({"name":"x","rate":1.0})"}}}}},
    {"rate0_decorator", {[](Client& c) { timed(c, "x", [] {}, {.rate = 0.0})(); }}},
    {"rate_above_one", {[](Client& c) {
       const Timer timer = c.timer("x", {.rate = 3});
       pass(1);
     }}},
    {"shared_msg_data",
     {[](Client& c) {
        const auto f = timed(c, "x", [] {}, {.fields = {{"first", 1}}});
        const Timer second = c.timer("x", {.fields = {{"second", 2}}, .rate = 0});
        f();
      },
      {},
      {{{0, R"({"first":1,"name":"x","rate":1.0})"}}}}},
    {"fields_object_mutated",
     {[](Client& c) {
        const Field fields[] = {{"k", 1}};
        { const Timer timer = c.timer("x", {.fields = FieldList(fields, 1)}); }
      },
      {},
      {{{0, R"({"k":1,"name":"x","rate":1.0})"}}}}},
    {"context_object_shared_between_threads",
     {[](Client& c) {
        const auto f = timed(c, "x", [] {});
        std::thread([&] { f(); }).join();
      },
      {},
      {{{0, R"({"name":"x","rate":1.0})"}}}}},
    {"thread_local_result", {[](Client& c) {
       std::thread([&] { (void)c.timer("x"); }).join();
       const Timer timer = c.timer("x", {.rate = 0});
       EXPECT_FALSE(timer.result().has_value());
     }}},
};

const std::map<std::string, std::string, std::less<>>& not_replayed() {
  static const std::map<std::string, std::string, std::less<>> kReasons = {
      {"rate_boundary", "the draw cannot be set; Rate.OfATenthSendsATenthOfTheCalls"},
      {"rate_below", "as above"},
      {"incr_rate_below", "as above"},
      {"noop_shared", "a timer is no shared object"},
      {"exit_without_enter", "a timer's scope begins with it"},
  };
  return kReasons;
}

std::vector<Expected> golden_messages(const simdjson::dom::element& golden) {
  std::vector<Expected> expected;
  for (const simdjson::dom::element message : golden["messages"]) {
    expected.push_back({std::stoll(std::string(message["payload"].get_string().value())),
                        simdjson::minify(message["fields"])});
  }
  return expected;
}

std::string fields_of(const std::string& message) {
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(message);
  EXPECT_EQ(json["type"].get_string().value(), "timer");
  EXPECT_EQ(json["logger"].get_string().value(), "tests");
  EXPECT_EQ(json["severity"].get_int64().value(), 6);
  return simdjson::minify(json["fields"]);
}

/// A tick takes so many ns.
TestEngineOptions with_ticks(std::uint64_t ns, std::vector<std::string> disabled) {
  TestEngineOptions options;
  options.client.disabled_timers = std::move(disabled);
  options.client.timer_resolution = TimerResolution::kMilliseconds;
  options.clock = std::make_unique<FakeClock>(0, 0, ns);
  return options;
}

void replay(const Scenario& scenario, const std::vector<Expected>& expected) {
  TestEngine test(with_ticks(1'000, scenario.disabled));
  test.expect(expected.size());
  scenario.run(test.client());
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), expected.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_GE(std::stoll(payload_of(messages[i])), expected[i].least_ms);
    EXPECT_TRUE(is_same_json(fields_of(messages[i]), expected[i].fields)) << messages[i];
  }
}

TEST(Timer, DoesWhatTheReferencesTimersDo) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/timer_scenarios.json");
  std::set<std::string, std::less<>> seen;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const std::string name(entry["name"].get_string().value());
    SCOPED_TRACE(name);
    seen.insert(name);
    if (not_replayed().contains(name)) continue;
    const auto scenario = kScenarios.find(name);
    ASSERT_NE(scenario, kScenarios.end()) << "a golden case without a scenario";
    replay(scenario->second, scenario->second.fixed.value_or(golden_messages(entry)));
  }
  EXPECT_EQ(seen.size(), kScenarios.size() + not_replayed().size());
}

struct RoundedSite {
  static constexpr SiteText text() {
    return site_text(SiteKind::kTimer, Severity::kInfo, "rounded", __FILE__, "", __LINE__);
  }
};

TEST(Timer, RoundsHalfMillisecondsUp) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/timer_rounding.json");
  TestEngine test(with_ticks(1, {}));
  std::vector<std::string> expected;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const double seconds = std::stod(std::string(entry["elapsed_seconds"].get_string().value()));
    if (seconds < 0) continue;  // a steady clock does not run back
    expected.emplace_back(entry["payload"].get_string().value());
    const ClientGate& gate = test.log().gate();
    call_in_roles<RoundedSite>(gate.slot, gate.stamp(),
                               Elapsed{static_cast<std::uint64_t>(std::llround(seconds * 1e9))});
  }
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  EXPECT_EQ(payloads, expected);
  EXPECT_EQ(expected.size(), 14U);
}

struct Counted {
  int calls = 0;
};

TEST(Timed, WrapsWhateverCanBeCalled) {
  TestEngine test;
  test.expect(4);
  Counted object;
  EXPECT_EQ(timed(test.client(), "member", &Counted::calls)(object), 0);
  EXPECT_EQ(timed(test.client(), "function", static_cast<double (*)(double)>(&std::floor))(2.5),
            2.0);
  int& calls = timed(test.client(), "reference", [&]() -> int& { return object.calls; })();
  EXPECT_EQ(&calls, &object.calls);
  auto throws = timed(test.client(), "throws", []() -> int { throw std::runtime_error("x"); });
  EXPECT_THROW(throws(), std::runtime_error);
}

TEST(Timed, DrawsForEachCall) {
  TestEngine test;
  const auto f = timed(test.client(), "x", [] {}, {.rate = 0.5});
  for (int i = 0; i < 1000; ++i) f();
  const std::size_t sent = test.settle().size();
  EXPECT_GT(sent, 300U);
  EXPECT_LT(sent, 700U);
  test.expect(sent);
}

TEST(Timed, KeepsCopiesOfWhatItsOptionsReferTo) {
  TestEngine test;
  std::string text = "a text that is too long for the small string";
  auto f = timed(test.client(), text, [] {}, {.logger = text, .fields = {{text, text}}});
  auto copy = f;
  text.assign(text.size(), '?');
  test.expect(2);
  f();
  copy();
  for (const std::string& message : test.settle()) {
    EXPECT_EQ(message.find('?'), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace metlog
