// Statements 166-183, 189-191, and what of tests/golden/holder_and_reconfigure.json configures.

#include "metlog/client_config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/holder.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/methods.h"
#include "metlog/providers.h"
#include "tests/client/config_fixture.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

const ValueMap kCapture = {{"class", "metlog.senders.DebugCaptureSender"}};

// In braces a list of one list is that list to some compilers and a list of it to others.
ValueList list_of(Value item) {
  ValueList list;
  list.push_back(std::move(item));
  return list;
}

class ClientConfig : public ConfigFixture {
 protected:
  static void SetUpTestSuite() {
    const PluginProvider dummy = [](const ValueMap& parameters) -> absl::StatusOr<Plugin> {
      ValueMap rest = parameters;
      rest.erase("verbose");
      return Plugin{"dummy", [rest](Client&, const Arguments& arguments) -> absl::StatusOr<Value> {
                      const Value* const verbose = arguments.named.find("verbose");
                      return verbose != nullptr && *verbose == Value(true) ? Value(rest) : Value();
                    }};
    };
    ASSERT_TRUE(providers().plugins.add("tests.dummy", dummy).ok());
  }
  static void TearDownTestSuite() { providers().plugins.remove("tests.dummy"); }
};

TEST_F(ClientConfig, LeavesTheDictionaryAsItIs) {
  const ValueMap config = {{"sender_class", "metlog.senders.DebugCaptureSender"},
                           {"sender_foo", 2},
                           {"sender", ValueMap{{"foo", 1}, {"class", "no.such.Class"}}}};
  const ValueMap before = config;
  const Client one = make(config);
  const Client two = make(config);
  EXPECT_EQ(config, before);
  EXPECT_EQ(*debug_capture(one)->option("foo"), Value(2));
  EXPECT_NE(debug_capture(one), debug_capture(two));
}

TEST_F(ClientConfig, TakesAUrlInTheClassesPlace) {
  const Client client = make({{"sender", ValueMap{{"url", "null:"}, {"pool_size", 2}}}});
  EXPECT_EQ(state_of(client)->options.pool_size, 2U);
  EXPECT_EQ(error_of({{"sender", ValueMap{{"url", "null:"}, {"hwm", 2}}}}).find("sender.hwm = 2"),
            0U);
  EXPECT_NE(error_of({{"sender", ValueMap{{"url", "udp://127.0.0.1:9?b%61tch=&format=text"}}}})
                .find("hold JSON"),
            std::string::npos);
  EXPECT_NE(error_of({{"sender", ValueMap{{"url", "nil:"}}}}).find("unknown scheme 'nil'"),
            std::string::npos);
  EXPECT_EQ(error_of({{"sender", ValueMap{{"port", 1}}}}).find("sender = {\"port\":1}: has no "),
            0U);
}

TEST_F(ClientConfig, TakesPositionalArguments) {
  const Client list = make({{"sender", ValueMap{{"class", "metlog.senders.UdpSender"},
                                                {"args", ValueList{"127.0.0.1", 9}}}}});
  EXPECT_TRUE(list.is_active());
  const std::string text = error_of(
      {{"sender", ValueMap{{"class", "metlog.senders.UdpSender"}, {"args", "127.0.0.1"}}}});
  EXPECT_NE(text.find("'port' is missing"), std::string::npos) << text;
}

TEST_F(ClientConfig, SaysWhichOptionIsWrong) {
  EXPECT_EQ(error_of({{"sender", kCapture}, {"severity", "four"}}),
            "severity = \"four\": takes a whole number, 0 for EMERGENCY to 7 for DEBUG");
  EXPECT_EQ(error_of({{"sender", kCapture}, {"logger", 4}}).find("logger = 4: takes"), 0U);
  EXPECT_EQ(error_of({{"sender", kCapture}, {"plugins", ValueMap{{"a", 1}}}}),
            "plugins.a = 1: takes a pair: a provider's name, and a map of its parameters");
  EXPECT_EQ(error_of({{"sender", kCapture},
                      {"plugins",
                       ValueMap{{"a", ValueList{"tests.dummy", ValueMap{{"override", 1.5}}}}}}}),
            "plugins.a[1].override = 1.5: override is 1.5; it takes true, false, or the "
            "method's name");
  EXPECT_EQ(error_of({{"sender", kCapture},
                      {"filters", list_of(ValueList{"metlog.filters.severity_max",
                                                    ValueMap{{"severity", "4"}}})}}),
            "filters[0][0] = \"metlog.filters.severity_max\": metlog.filters.severity_max: "
            "filters[0][1].severity = \"4\": takes a whole number");
}

TEST_F(ClientConfig, OfTextNamesFileLineAndSection) {
  const auto client = client_from_text_config(
      "    [metlog]\n    sender_class = metlog.senders.DebugCaptureSender\n    severity = x\n",
      "metlog", how_);
  EXPECT_EQ(std::string(client.status().message())
                .find("<text>:3: [metlog] severity = \"x\": takes a whole number"),
            0U)
      << client.status();
  const auto other =
      client_from_text_config("[metlog]\nsender_class = metlog.senders.Udp\n", "metlog", how_);
  EXPECT_EQ(std::string(other.status().message())
                .find("<text>:2: [metlog] sender_class = \"metlog.senders.Udp\": unknown sender"),
            0U)
      << other.status();
}

TEST_F(ClientConfig, NamesTheLineOfASendersArgument) {
  const auto error = [&](const std::string& port) {
    return std::string(client_from_text_config("[metlog]\nsender_class = metlog.senders.UdpSender\n"
                                               "sender_host = h\nsender_port = " +
                                                   port + "\n",
                                               "metlog", how_)
                           .status()
                           .message());
  };
  const std::string class_of = "<text>:2: [metlog] sender_class = \"metlog.senders.UdpSender\": ";
  const std::string wrong = "metlog.senders.UdpSender: port takes a whole number, 1 to 65535, not ";
  const std::string place = ", at <text>:4: [metlog] sender_port";
  EXPECT_EQ(error("70000"), class_of + wrong + "70000" + place);
  EXPECT_EQ(error("\n  ntp\n  1"), class_of + wrong + "\"ntp\"" + place);
}

TEST_F(ClientConfig, SaysWhichPluginsAreKnown) {
  providers().plugins.remove("tests.dummy");
  EXPECT_EQ(
      error_of({{"sender", kCapture}, {"plugins", ValueMap{{"a", ValueList{"x.y", ValueMap{}}}}}}),
      "plugins.a[0] = \"x.y\": unknown plugin provider 'x.y'; known are "
      "metlog_cef.cef_plugin.config_plugin, metlog_psutils.psutil_plugin.config_plugin, "
      "metlog_raven.raven_plugin.config_plugin; register it before the configuration is read, with "
      "metlog::providers().plugins.add(name, provider), or write path/to/lib.so:symbol");
  SetUpTestSuite();
}

TEST_F(ClientConfig, ComesThroughEveryDoor) {
  const std::string ini =
      "[metlog]\nlogger = app\nsender_class = metlog.senders.DebugCaptureSender\n";
  const std::string json =
      R"({"logger": "app", "sender": {"class": "metlog.senders.DebugCaptureSender"}})";
  std::istringstream stream(ini);
  const std::string path = testing::TempDir() + "client_config_test.json";
  std::ofstream(path) << json;
  const auto expect_app = [](const absl::StatusOr<Client>& client) {
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ(state_of(*client)->options.logger, "app");
  };
  expect_app(client_from_text_config(ini, "metlog", how_));
  expect_app(client_from_stream_config(stream, "metlog", how_));
  expect_app(client_from_json_config(json, how_));
  expect_app(client_from_file_config(path, "", how_));
  Client living = make({{"sender", kCapture}});
  EXPECT_TRUE(client_from_text_config(ini, "metlog", living, how_).ok());
  EXPECT_EQ(state_of(living)->options.logger, "app");
  std::remove(path.c_str());
}

TEST_F(ClientConfig, ReportsUnknownKeys) {
  std::vector<std::string> unknown;
  how_.unknown_keys = &unknown;
  make({{"sender", kCapture}, {"sevrity", 3}, {"extensions_x", 1}});
  EXPECT_EQ(unknown, (std::vector<std::string>{"sevrity", "extensions_x"}));
}

TEST_F(ClientConfig, ReportsALivecheckWithoutEffect) {
  std::vector<std::string> unknown;
  how_.unknown_keys = &unknown;
  make({{"sender", ValueMap{{"class", "metlog.senders.ZmqPubSender"},
                            {"bindstrs", "tcp://127.0.0.1:9"},
                            {"pool_size", 1},
                            {"livecheck", 30}}},
        {"close_limit_ms", 0}});
  EXPECT_EQ(unknown, (std::vector<std::string>{"sender.livecheck"}));
}

TEST_F(ClientConfig, ReturnsWhatItDoesNotSayToItsDefault) {
  Client client = make(
      {{"logger", "app"},
       {"severity", 3},
       {"disabled_timers", ValueList{"a", "b"}},
       {"filters", list_of(ValueList{"metlog.filters.type_whitelist", ValueMap{{"types", "x"}}})},
       {"plugins", ValueMap{{"d", ValueList{"tests.dummy", ValueMap{{"port", 1}}}}}},
       {"sender", kCapture}});
  const Client* const address = &client;
  client.metlog("y");
  client.metlog("x");
  const auto before = debug_capture(client);
  ASSERT_TRUE(client_from_dict_config({{"sender", kCapture}}, client, how_).ok());
  EXPECT_EQ(&client, address);
  EXPECT_EQ(before->messages().size(), 1U) << "what was in flight went where it was meant to";
  EXPECT_NE(debug_capture(client), before);
  const ClientOptions& options = state_of(client)->options;
  EXPECT_EQ(options.logger, "");
  EXPECT_EQ(options.severity, 6);
  EXPECT_TRUE(options.filters.empty());
  EXPECT_FALSE(client.is_timer_disabled("a"));
  EXPECT_EQ(*client.call("dummy", {{}, {{"verbose", true}}}), Value(ValueMap{{"port", 1}}));
  client.metlog("y");
  EXPECT_EQ(messages_of(client).size(), 1U);
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.unexplained(), 0);
  EXPECT_EQ(ledger.sent, 2U);
}

TEST_F(ClientConfig, ChangesNothingWhenItFails) {
  Client client = make({{"logger", "two"}, {"sender", kCapture}, {"global", ValueMap{{"a", 1}}}});
  const auto capture = debug_capture(client);
  const std::string configuration = configuration_of(client);
  const ValueMap plugins = {{"d", ValueList{"tests.dummy", ValueMap{}}}};
  const ValueMap global = {{"zz", 1}};
  how_.clear_global = true;
  const ValueMap wrong[] = {
      {{"global", global},
       {"sender", kCapture},
       {"filters", list_of(ValueList{"no.such", ValueMap{}})}},
      {{"global", global},
       {"sender",
        ValueMap{{"class", "metlog.senders.FileSender"}, {"filepath", "/no/such/directory/x"}}},
       {"plugins", plugins}},
      {{"global", global},
       {"sender", kCapture},
       {"plugins", ValueMap{{"d", ValueList{"tests.dummy", ValueMap{}}},
                            {"e", ValueList{"tests.dummy", ValueMap{}}}}}},
  };
  for (const ValueMap& config : wrong) {
    EXPECT_FALSE(client_from_dict_config(config, client, how_).ok());
    EXPECT_EQ(configuration_of(client), configuration);
    EXPECT_EQ(debug_capture(client), capture);
    EXPECT_EQ(state_of(client)->options.logger, "two");
    EXPECT_EQ(client.call("dummy").status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(holder_.global_config(), (ValueMap{{"a", 1}}));
  }
  client.metlog("still");
  EXPECT_EQ(messages_of(client).size(), 1U);
}

TEST_F(ClientConfig, RefusesTheSamePluginAgain) {
  const ValueMap config = {{"sender", kCapture},
                           {"plugins", ValueMap{{"d", ValueList{"tests.dummy", ValueMap{}}}}}};
  Client client = make(config);
  const absl::Status again = client_from_dict_config(config, client, how_);
  EXPECT_EQ(again.message(), "The name [dummy] is already in use");
}

TEST_F(ClientConfig, ClearsTheGlobalConfigurationThroughEveryDoor) {
  holder_.merge_global_config({{"keep", 1}});
  holder_.get_client("q");
  how_.clear_global = true;
  const auto client = client_from_text_config(
      "[metlog]\nsender_class=metlog.senders.DebugCaptureSender\nglobal_n = 1\n", "metlog", how_);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(holder_.global_config(), (ValueMap{{"n", 1}}));
  EXPECT_EQ(holder_.default_client(), nullptr);
}

TEST_F(ClientConfig, OfAHeldClientIsItsOwn) {
  const auto app = get_client("app", {{"sender", kCapture}}, how_);
  ASSERT_TRUE(app.ok()) << app.status();
  EXPECT_EQ(*app, &holder_.get_client("app"));
  EXPECT_TRUE((*app)->is_active());
  EXPECT_EQ(state_of(**app)->options.logger, "app");
  EXPECT_EQ(*get_client("app", {}, how_), *app);
  EXPECT_TRUE((*app)->is_active()) << "an empty configuration is none";
  EXPECT_TRUE(get_client("app", {{"logger", ""}, {"sender", kCapture}}, how_).ok());
  EXPECT_EQ(state_of(**app)->options.logger, "app");
  (*app)->incr("n");
  EXPECT_EQ(messages_of(**app).size(), 1U);
}

TEST_F(ClientConfig, OfAHeldClientHasNoOtherLogger) {
  const auto fresh = get_client("fresh", {{"logger", "other"}, {"sender", kCapture}}, how_);
  EXPECT_EQ(fresh.status().message(),
            "logger = \"other\": Config `logger` value must either match `name` argument or be "
            "left blank.");
  EXPECT_EQ(holder_.client_names(), std::vector<std::string>{"fresh"});
  EXPECT_EQ(holder_.default_client_name(), "fresh");
  EXPECT_FALSE(holder_.get_client("fresh").is_active());
}

TEST_F(ClientConfig, MayMakeAClientInactiveAgain) {
  Client client = make({{"sender", kCapture}});
  const ValueMap none = {{"sender", ValueMap{{"class", "metlog.senders.NoSendSender"}}}};
  ASSERT_TRUE(client_from_dict_config(none, client, how_).ok());
  EXPECT_FALSE(client.is_active());
  EXPECT_EQ(debug_capture(client), nullptr);
}

TEST_F(ClientConfig, MayBeGivenWhileOthersLogAndCall) {
  Client client = make({{"sender", kCapture}});
  std::thread configuring([&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(
          client_from_dict_config({{"sender", kCapture}, {"severity", i % 8}}, client, how_).ok());
      EXPECT_NE(configuration_of(client), "");
    }
  });
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(client.call("incr", {{"n"}, {}}).ok());
  configuring.join();
  step_until_quiet(engine_.engine());
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.emitted, 500U);
  EXPECT_EQ(ledger.sent + ledger.lost.total(), 500U);
  EXPECT_EQ(ledger.lost.total(), 0U);
}

}  // namespace
}  // namespace metlog
