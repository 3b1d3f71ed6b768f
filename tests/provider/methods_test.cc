// Statements 175-178 and tests/golden/add_method.json: names of a client's methods.

#include "metlog/methods.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <atomic>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/provider/method_table.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// The recorded plugin: answers its name, the argument and whether it was given the client.
Plugin dummy(const std::string& name, const Client& client) {
  return {name, [&client](Client& caller, const Arguments& arguments) -> absl::StatusOr<Value> {
            return Value(ValueList{"m1", arguments.positional.front(), &caller == &client});
          }};
}

std::string error_of(const absl::Status& status) { return std::string(status.message()); }

/// What a C++ program writes for each recorded case; the error's text, or the call's answer.
std::string outcome(const std::string& name) {
  TestEngine engine;
  Client& client = engine.client();
  const auto run = [&](const absl::Status& added, const std::string& method, int argument) {
    if (!added.ok()) return error_of(added);
    const absl::StatusOr<Value> answer = client.call(method, {{argument}, {}});
    const bool is_right = answer.ok() && *answer == Value(ValueList{"m1", argument, true});
    return is_right ? "[\"m1\"," + std::to_string(argument) + ",true]" : "(another answer)";
  };
  if (name == "add") return run(client.add_method(dummy("dummy", client)), "dummy", 5);
  if (name == "add_again_same_name") {
    EXPECT_TRUE(client.add_method(dummy("dummy", client)).ok());
    return run(client.add_method(dummy("dummy", client)), "dummy", 5);
  }
  if (name == "add_override_other_name") {
    return run(client.add_method(dummy("dummy", client), "other"), "other", 1);
  }
  if (name == "add_builtin_method_name") {
    return run(client.add_method(dummy("incr", client)), "incr", 1);
  }
  if (name == "add_builtin_override") {
    return run(client.add_method(dummy("incr", client), true), "incr", 9);
  }
  return "(a compiler refuses it)";
}

TEST(Methods, AreAddedAsTheReferenceAddsThem) {
  simdjson::dom::parser parser;
  const auto golden = parser.load(METLOG_GOLDEN_DIR "/add_method.json");
  int compared = 0;
  for (const simdjson::dom::element one : golden["cases"]) {
    const std::string name(one["name"].get_string().value());
    const std::string found = outcome(name);
    if (found == "(a compiler refuses it)") continue;
    std::string_view error;
    if (one["error"].get_string().get(error) == simdjson::SUCCESS) {
      EXPECT_EQ("SyntaxError: " + found, error) << name;
    } else {
      EXPECT_EQ(found, simdjson::minify(one["result"])) << name;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 5) << "the other three are texts, or functions without a name";
}

TEST(Methods, RefuseTheNameOfWhateverAClientHas) {
  TestEngine engine;
  for (const char* const name : {"exception", "logger", "filters", "is_active", "notice",
                                 "send_message", "env_version", "disable_timer"}) {
    const absl::Status added = engine.client().add_method(dummy(name, engine.client()));
    EXPECT_EQ(added.code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(error_of(added), "The name [" + std::string(name) + "] is already in use");
  }
}

TEST(Methods, ATextOverridesUnderItself) {
  TestEngine engine;
  Client& client = engine.client();
  ASSERT_TRUE(client.add_method(dummy("exception", client), "warn").ok());
  EXPECT_EQ(*client.call("warn", {{1}, {}}), Value(ValueList{"m1", 1, true}));
  client.call("exception", {{"boom"}, {}}).value();
  engine.expect(1);
  EXPECT_EQ(engine.settle().size(), 1U) << "exception is what it was";
  engine.log().warn("the compiler knows this one");
}

TEST(Methods, AreListedOnceEach) {
  TestEngine engine;
  Client& client = engine.client();
  ASSERT_TRUE(client.add_method(dummy("incr", client), true).ok());
  const std::string error = error_of(client.call("far_from_all_names").status());
  const std::size_t first = error.find(" incr,");
  EXPECT_NE(first, std::string::npos) << error;
  EXPECT_EQ(error.find(" incr,", first + 1), std::string::npos) << error;
}

TEST(Methods, ZeroDoesNotOverrideAndOneDoes) {
  TestEngine engine;
  Client& client = engine.client();
  EXPECT_FALSE(client.add_method(dummy("incr", client), 0).ok());
  EXPECT_FALSE(client.add_method(dummy("incr", client), nullptr).ok());
  EXPECT_TRUE(client.add_method(dummy("incr", client), 1).ok());
  const absl::Status wrong = client.add_method(dummy("x", client), ValueList{});
  EXPECT_EQ(error_of(wrong), "override is []; it takes true, false, or the method's name");
}

TEST(Methods, NeedSomethingToCall) {
  TestEngine engine;
  const absl::Status added = engine.client().add_method({"empty", nullptr});
  EXPECT_EQ(added.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(engine.client().call("empty").ok());
}

TEST(Methods, OfTheClientAreCalledByName) {
  TestEngine engine;
  Client& client = engine.client();
  engine.expect(4);
  client.call("incr", {{"hits"}, {{"count", 3}, {"rate", 7}, {"fields", ValueMap{{"k", "v"}}}}})
      .value();
  client.call("timer_send", {{"wait", 1.5, "lg", 2}, {}}).value();
  client.call("metlog", {{"services"}, {{"payload", "foo"}, {"logger", nullptr}}}).value();
  client.call("notice", {{"100%"}, {}}).value();
  const std::vector<std::string> messages = engine.settle();
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_TRUE(is_same_json(messages[0],
                           envelope("counter", 6, R"("3")", R"("k":"v","name":"hits","rate":7)")));
  EXPECT_EQ(payload_of(messages[1]), "1.5");
  EXPECT_NE(messages[1].find(R"("logger":"lg","severity":2)"), std::string::npos);
  EXPECT_TRUE(is_same_json(messages[2], envelope("services", 6, R"("foo")")));
  EXPECT_TRUE(is_same_json(messages[3], envelope("oldstyle", 5, R"("100%")")));
}

TEST(Methods, NameTheArgumentAtFault) {
  TestEngine engine;
  Client& client = engine.client();
  const auto error = [&](std::string_view name, const Arguments& arguments) {
    return error_of(client.call(name, arguments).status());
  };
  const std::string incr = "incr() takes (name, count, logger, severity, fields, rate); ";
  EXPECT_EQ(error("incr", {}), incr + "'name' is missing");
  EXPECT_EQ(error("incr", {{"n"}, {{"by", 2}}}), incr + "it knows no 'by'");
  EXPECT_EQ(error("incr", {{"n", 1}, {{"count", 2}}}), incr + "'count' is given twice");
  EXPECT_EQ(error("incr", {{1, 2, 3, 4, 5, 6, 7}, {}}), incr + "7 arguments are given");
  EXPECT_EQ(error("incr", {{1}, {}}), "incr(): name is 1; it takes a string");
  EXPECT_EQ(error("incr", {{"n"}, {{"severity", "4"}}}),
            "incr(): severity is \"4\"; it takes an integer, 0 to 7");
  EXPECT_EQ(error("inrc", {}), "the client has no method 'inrc'; did you mean 'incr' or 'info'?");
}

TEST(Methods, FormatTheArgumentsOfALogCall) {
  TestEngine engine;
  Client& client = engine.client();
  engine.expect(4);
  client.call("warn", {{"%d of %s", 3, "x"}, {}}).value();
  client.call("info", {{"%(a)s", ValueMap{{"a", 1}}}, {{"exc_info", true}}}).value();
  try {
    throw std::runtime_error("why");
  } catch (const std::runtime_error&) {
    client.call("exception", {{"boom"}, {}}).value();
    client.call("exception", {{"boom %s", false, "x"}, {}}).value();
  }
  EXPECT_FALSE(client.call("warn", {{"%d"}, {{"severity", 1}}}).ok());
  EXPECT_EQ(client.call("warn", {{"%d %d", 1}, {}}).status().message(),
            "not enough arguments for format string");
  const std::vector<std::string> messages = engine.settle();
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(payload_of(messages[0]), "3 of x");
  EXPECT_EQ(payload_of(messages[1]), "1\nNone");
  EXPECT_EQ(payload_of(messages[2]).substr(0, 5), "boom\n");
  EXPECT_NE(payload_of(messages[2]).find("why"), std::string::npos);
  EXPECT_EQ(payload_of(messages[3]), "boom x");
}

TEST(Methods, TakeForAnAbsentExceptionWhatTheReferenceDid) {
  TestEngine engine;
  Client& client = engine.client();
  for (const Value& no :
       {Value(), Value(0), Value(0.0), Value(""), Value(ValueList{}), Value(ValueMap{})}) {
    engine.expect(2);
    client.call("error", {{"x"}, {{"exc_info", no}}}).value();
    client.call("exception", {{"x", no}, {}}).value();
  }
  engine.expect(1);
  client.call("error", {{"x"}, {{"exc_info", "yes"}}}).value();
  std::vector<std::string> messages = engine.settle();
  EXPECT_EQ(payload_of(messages.back()), "x\nNone");
  messages.pop_back();
  for (const std::string& message : messages) EXPECT_EQ(payload_of(message), "x");
}

TEST(Methods, ThrowWhereTheyAreCalled) {
  TestEngine engine;
  const Method bad = [](Client&, const Arguments&) -> absl::StatusOr<Value> {
    throw std::runtime_error("no");
  };
  ASSERT_TRUE(engine.client().add_method({"bad", bad}).ok());
  EXPECT_THROW(engine.client().call("bad").IgnoreError(), std::runtime_error);
}

TEST(Methods, AreAddedAllOrNone) {
  MethodTable table([](std::string_view) { return false; });
  const Method method = [](Client&, const Arguments&) { return absl::StatusOr<Value>(Value()); };
  ASSERT_TRUE(table.add({{{"a", method}, {}}}).ok());
  EXPECT_FALSE(table.add({{{"b", method}, {}}, {{"a", method}, {}}}).ok());
  EXPECT_EQ(table.names(), std::vector<std::string>{"a"});
}

TEST(Methods, AreTakenBackUnlessOthersChangedThem) {
  MethodTable table([](std::string_view) { return false; });
  const Method method = [](Client&, const Arguments&) { return absl::StatusOr<Value>(Value()); };
  ASSERT_TRUE(table.add({{{"a", method}, {}}}).ok());
  const MethodTable::Entry first = table.find("a");
  const auto changes =
      table.add({{{"a", method}, {true}}, {{"b", method}, {}}, {{"c", method}, {}}});
  ASSERT_TRUE(changes.ok());
  ASSERT_TRUE(table.add({{{"c", method}, {true}}}).ok());
  table.undo(*changes);
  EXPECT_EQ(table.find("a"), first);
  EXPECT_EQ(table.names(), (std::vector<std::string>{"a", "c"}));
}

TEST(Methods, MayBeAddedWhileOthersCall) {
  TestEngine engine;
  Client& client = engine.client();
  std::atomic<int> answered{0};
  const Method count = [&](Client&, const Arguments&) -> absl::StatusOr<Value> {
    return Value(answered.fetch_add(1));
  };
  ASSERT_TRUE(client.add_method({"count", count}).ok());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(client.call("count").ok());
        if (thread != 0) continue;
        EXPECT_TRUE(client.add_method({"count", count}, true).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered.load(), 600);
}

}  // namespace
}  // namespace metlog
