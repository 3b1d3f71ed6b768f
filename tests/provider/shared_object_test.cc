// Providers in shared objects: tests/provider/test_plugin.cc, and the example of the docs.

#include "metlog/internal/provider/loaded/shared_object.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "metlog/methods.h"
#include "metlog/providers.h"
#include "tests/senders/test_batch.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

const std::string kLibrary = METLOG_TEST_PLUGIN;

bool is_loaded(const std::string& path) {
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle != nullptr) ::dlclose(handle);
  return handle != nullptr;
}

std::string error_of(const std::string& name, const ValueMap& parameters = {}) {
  const absl::StatusOr<Plugin> plugin = make_plugin(name, parameters);
  return plugin.ok() ? "(no error)" : std::string(plugin.status().message());
}

std::string in_library(const std::string& symbol, const std::string& rest) {
  return "the symbol '" + symbol + "' in " + kLibrary + " " + rest;
}

TEST(SharedObject, IsWhatHasASlashOrEndsInSo) {
  EXPECT_TRUE(is_shared_object("/opt/libaudit.so:audit"));
  EXPECT_TRUE(is_shared_object("./audit:audit"));
  EXPECT_TRUE(is_shared_object("libaudit.so:audit"));
  EXPECT_TRUE(is_shared_object("libaudit.so.1:audit"));
  EXPECT_TRUE(is_shared_object("libaudit.so"));
  EXPECT_FALSE(is_shared_object("acme.sources:audit"));
  EXPECT_FALSE(is_shared_object("metlog.senders.UdpSender"));
}

TEST(SharedObject, GivesAMethodThatTakesAndAnswersValues) {
  TestEngine engine;
  auto plugin = make_plugin(kLibrary + ":echo", {{"port", 8080}});
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  EXPECT_EQ(plugin->name, "echo");
  ASSERT_TRUE(engine.client().add_method(*plugin).ok());
  const auto answer = engine.client().call("echo", {{1, "two"}, {{"three", nullptr}}});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, Value(ValueList{ValueMap{{"port", 8080}},
                                     ValueMap{{"positional", ValueList{1, "two"}},
                                              {"named", ValueMap{{"three", nullptr}}}}}));
  EXPECT_EQ(*engine.client().call("echo", {{"nothing"}, {}}), Value());
}

TEST(SharedObject, LetsAMethodCallItsClient) {
  TestEngine engine;
  ASSERT_TRUE(engine.client().add_method(*make_plugin(kLibrary + ":echo", {})).ok());
  engine.expect(1);
  EXPECT_TRUE(engine.client().call("echo", {{"incr"}, {}}).ok());
  ASSERT_EQ(engine.settle().size(), 1U);
  EXPECT_EQ(field_of(engine.settle()[0], "name"), "\"from C\"");
  EXPECT_EQ(engine.client().call("echo", {{"wrong"}, {}}).status().message(),
            kLibrary +
                ":echo: arguments are {\"positional\":[...],\"named\":{...}}, either of "
                "which may be missing");
}

TEST(SharedObject, LetsNothingThatAMethodThrowsOut) {
  TestEngine engine;
  ASSERT_TRUE(engine.client().add_method(*make_plugin(kLibrary + ":echo", {})).ok());
  EXPECT_EQ(engine.client().call("echo", {{"throw"}, {}}).status().message(),
            kLibrary + ":echo: threw something that is not a std::exception");
  const auto garbled = engine.client().call("echo", {{"garble"}, {}});
  EXPECT_EQ(garbled.status().message().substr(0, 28), "an answer that is not JSON; ");
}

TEST(SharedObject, IsClosedWhenNothingOfItIsInUse) {
  ASSERT_FALSE(is_loaded(kLibrary));
  {
    TestEngine engine;
    ASSERT_TRUE(engine.client().add_method(*make_plugin(kLibrary + ":echo", {})).ok());
    EXPECT_TRUE(is_loaded(kLibrary));
    const Method other = [](Client&, const Arguments&) { return absl::StatusOr<Value>(Value()); };
    ASSERT_TRUE(engine.client().add_method({"echo", other}, true).ok());
    EXPECT_FALSE(is_loaded(kLibrary));
  }
}

TEST(SharedObject, SaysWhyItIsRefusedAndIsClosedAgain) {
  const std::string nowhere = error_of("/no/such/lib.so:echo");
  EXPECT_EQ(nowhere.find("cannot load /no/such/lib.so: "), 0U) << nowhere;
  EXPECT_EQ(error_of(kLibrary), kLibrary + " names no symbol; write " + kLibrary + ":symbol");
  const std::string no_symbol = error_of(kLibrary + ":ecko");
  EXPECT_EQ(no_symbol.find("no symbol 'ecko' in " + kLibrary + ": "), 0U) << no_symbol;
  const auto error = [](const std::string& symbol) { return error_of(kLibrary + ":" + symbol); };
  EXPECT_EQ(error("another_magic"), in_library("another_magic", "is not a metlog_provider"));
  EXPECT_EQ(error("a_function"), in_library("a_function", "is not a metlog_provider"));
  EXPECT_EQ(error("another_version"),
            in_library("another_version",
                       "is of plugin ABI 9, this metlog of 1; build it with "
                       "this metlog's plugin_abi.h"));
  EXPECT_EQ(error("too_small"),
            in_library("too_small", "has a size of 16, not " +
                                        std::to_string(offsetof(metlog_provider, format))));
  EXPECT_EQ(error("some_sender"), in_library("some_sender", "provides a sender, not a method"));
  EXPECT_EQ(error("without_call"), in_library("without_call", "lacks the function call"));
  EXPECT_EQ(error("without_create"), in_library("without_create", "lacks the function create"));
  EXPECT_EQ(error("without_name"), kLibrary + ":without_name declares no name for its method");
  EXPECT_EQ(error_of(kLibrary + ":echo", {{"refuse", true}}),
            kLibrary + ":echo refuses its parameters: no 'refuse' here");
  EXPECT_EQ(error_of(kLibrary + ":echo", {{"throw", true}}),
            kLibrary + ":echo refuses its parameters: threw 'out of cheese'");
  EXPECT_FALSE(is_loaded(kLibrary));
}

TEST(SharedObject, MayBeASender) {
  {
    const auto plan = plan_sender(kLibrary + ":some_sender", {{}, {{"a", 1}}});
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto sender = plan->make().value();
    Batch batch = batch_of({"a", "x", "b"});
    EXPECT_EQ(sender->send(batch), SendResult::kBusy);
    EXPECT_EQ(batch.remaining_count(), 3U);
    EXPECT_EQ(sender->send(batch), SendResult::kSent);
    EXPECT_EQ(batch.sent_count(), 2U);
    EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
    expect_all_accounted_for(batch);
    EXPECT_TRUE(sender->flush(std::chrono::seconds(1)));
    const auto refusing = plan_sender(kLibrary + ":some_sender", {{}, {{"refuse", true}}});
    EXPECT_FALSE(refusing->make().ok());
  }
  EXPECT_FALSE(plan_sender(kLibrary + ":some_sender", {{1}, {}}).ok());
  EXPECT_FALSE(is_loaded(kLibrary));
}

TEST(SharedObject, MayBeAFilter) {
  {
    auto filter = make_filter(kLibrary + ":some_filter", {});
    ASSERT_TRUE(filter.ok()) << filter.status();
    EXPECT_FALSE(make_filter(kLibrary + ":some_sender", {}).ok());
    TestEngine engine({.client = {.logger = "tests", .filters = {*filter}}});
    Client& client = engine.client();
    client.metlog("drop");
    client.metlog("fail");
    client.metlog("other", {.fields = {{"n", 7}}}, "before");
    const std::vector<std::string> messages = engine.settle();
    ASSERT_FALSE(messages.empty());
    EXPECT_TRUE(is_same_json(messages[0], envelope("other", 2, R"("changed")",
                                                   R"("n":7,"seen":"tests,before,7,(none),6")")))
        << messages[0];
    EXPECT_EQ(client.stats().filtered, 1U);
    EXPECT_EQ(client.stats().lost[LossReason::kFilterFailed], 1U);
    engine.expect(3);
  }
  EXPECT_FALSE(is_loaded(kLibrary));
}

TEST(SharedObject, MayBeAFormatter) {
  {
    const auto formatter = make_formatter(kLibrary + ":some_formatter");
    ASSERT_TRUE(formatter.ok()) << formatter.status();
    EXPECT_EQ(formatter->function()({}, "{}"), "<{}>");
    EXPECT_ANY_THROW(formatter->function()({}, ""));
  }
  EXPECT_EQ(make_formatter(kLibrary + ":old_formatter").status().message(),
            in_library("old_formatter", "has a size of " +
                                            std::to_string(offsetof(metlog_provider, format)) +
                                            ", not " + std::to_string(sizeof(metlog_provider))));
  EXPECT_TRUE(plan_sender(kLibrary + ":old_sender", {}).ok());
  EXPECT_FALSE(is_loaded(kLibrary));
}

TEST(SharedObject, OfTheExampleSendsWhatItsConfigurationSays) {
  TestEngine engine;
  const std::string name = std::string(METLOG_EXAMPLE_PLUGIN) + ":deploy";
  EXPECT_EQ(error_of(name),
            name + " refuses its parameters: says nothing about the deployment; try version = 1.2");
  ASSERT_TRUE(engine.client().add_method(*make_plugin(name, {{"version", "1.2"}})).ok());
  engine.expect(1);
  ASSERT_TRUE(engine.client().call("deploy").ok());
  EXPECT_TRUE(
      is_same_json(engine.settle().at(0), envelope("deploy", 6, R"("")", R"("version":"1.2")")));
}

}  // namespace
}  // namespace metlog
