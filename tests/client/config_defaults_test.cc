// What a configuration leaves out: options of [DEFAULT], null, the logger of a held client.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/holder.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/providers.h"
#include "tests/client/config_fixture.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

const ValueMap kCapture = {{"class", "metlog.senders.DebugCaptureSender"}};

class ConfigDefaults : public ConfigFixture {
 protected:
  static void SetUpTestSuite() {
    const PluginProvider dump = [](const ValueMap&) -> absl::StatusOr<Plugin> {
      return Plugin{"dump",
                    [](Client&, const Arguments&) -> absl::StatusOr<Value> { return Value(); }};
    };
    ASSERT_TRUE(providers().plugins.add("tests.dump", dump).ok());
  }
  static void TearDownTestSuite() { providers().plugins.remove("tests.dump"); }
};

TEST_F(ConfigDefaults, LetsEverySectionHaveTheOptionsOfDefault) {
  // As in docs/configuration.md.
  const std::string text =
      "[DEFAULT]\nlog_root = /var/log\ntypes = z\n"
      "[metlog]\nlogger = shop\nsender_class = metlog.senders.DebugCaptureSender\n"
      "[metlog_filter_noise]\nprovider = metlog.filters.severity_max_provider\nseverity = 6\n"
      "[metlog_filter_types]\nprovider = metlog.filters.type_blacklist_provider\n"
      "[metlog_plugin_dump]\nprovider = tests.dump\npath = %(log_root)s/%(__name__)s\n";
  auto client = client_from_text_config(text, "metlog", how_);
  ASSERT_TRUE(client.ok()) << client.status();
  client->metlog("z");
  client->metlog("y");
  EXPECT_EQ(messages_of(*client).size(), 1U) << "a known option of [DEFAULT] is used";
  const auto wrong =
      client_from_text_config(text +
                                  "[metlog_filter_own]\nprovider = "
                                  "metlog.filters.severity_max_provider\nseverity = 6\n"
                                  "mine = 1\n",
                              "metlog", how_);
  EXPECT_NE(wrong.status().message().find("mine = 1: is unknown here"), absl::string_view::npos)
      << wrong.status();
}

TEST_F(ConfigDefaults, TakesNullForEveryKeyAsNotGiven) {
  const Client client = make({{"logger", nullptr},
                              {"severity", nullptr},
                              {"disabled_timers", nullptr},
                              {"filters", nullptr},
                              {"plugins", nullptr},
                              {"global", nullptr},
                              {"sender", ValueMap{{"class", "metlog.senders.DebugCaptureSender"},
                                                  {"args", nullptr},
                                                  {"url", nullptr}}}});
  EXPECT_EQ(state_of(client)->options.severity, 6);
  const Client by_url = make({{"sender", ValueMap{{"class", nullptr},
                                                  {"url", "null:"},
                                                  {"pool_size", nullptr},
                                                  {"formatter", nullptr}}}});
  EXPECT_TRUE(by_url.is_active());
  EXPECT_NE(error_of({{"sender", nullptr}}).find("sender.class is missing"), std::string::npos);
}

TEST_F(ConfigDefaults, TakesNullAsNotGivenInWhatIsMergedAndInParameters) {
  const Value capture = kCapture;
  const ValueMap limit = {{"severity", 4}, {"unknown", nullptr}};
  (void)make({{"sender", capture}, {"sender_url", nullptr}, {"sender_class", nullptr}});
  (void)make({{"sender", nullptr}, {"sender_url", "null:"}, {"engine_x", nullptr}});
  (void)make({{"sender_url", "null:"}, {"engine", nullptr}, {"engine_ring_bytes", nullptr}});
  (void)make({{"sender_class", "metlog.senders.UdpSender"},
              {"sender_host", "127.0.0.1"},
              {"sender_port", 9},
              {"sender_unknown", nullptr}});
  (void)make(
      {{"sender", capture},
       {"plugins", ValueMap{{"none", nullptr}, {"dump", ValueList{"tests.dump", nullptr}}}},
       {"filters", ValueList{Value(ValueList{"metlog.filters.severity_max_provider", limit})}}});
  EXPECT_NE(error_of({{"sender_class", "metlog.senders.UdpSender"}, {"sender_host", nullptr}})
                .find("'host' is missing"),
            std::string::npos);
  const ValueMap no_limit = {{"severity", nullptr}};
  EXPECT_NE(
      error_of({{"sender", capture},
                {"filters",
                 ValueList{Value(ValueList{"metlog.filters.severity_max_provider", no_limit})}}})
          .find("\"severity\" is missing"),
      std::string::npos);
}

TEST_F(ConfigDefaults, LeavesTheNameOfAHeldClientAsItsLogger) {
  Client& db = holder_.get_client("db");
  ASSERT_TRUE(client_from_dict_config({{"sender", kCapture}}, db, how_).ok());
  EXPECT_EQ(state_of(db)->options.logger, "db");
  ASSERT_TRUE(client_from_dict_config({{"sender", kCapture}, {"logger", ""}}, db, how_).ok());
  EXPECT_EQ(state_of(db)->options.logger, "db");
  ASSERT_TRUE(client_from_dict_config({{"sender", kCapture}, {"logger", "x"}}, db, how_).ok());
  EXPECT_EQ(state_of(db)->options.logger, "x");
  // No longer its name, so the option returns to its default.
  ASSERT_TRUE(client_from_dict_config({{"sender", kCapture}}, db, how_).ok());
  EXPECT_EQ(state_of(db)->options.logger, "");
  // A client that the holder does not have.
  Client own = make({{"sender", kCapture}, {"logger", "db"}});
  ASSERT_TRUE(client_from_dict_config({{"sender", kCapture}}, own, how_).ok());
  EXPECT_EQ(state_of(own)->options.logger, "");
}

}  // namespace
}  // namespace metlog
