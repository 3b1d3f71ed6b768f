// tests/golden/dict_config.json: what becomes of the reference's dictionaries.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>

#include "metlog/client_config.h"
#include "metlog/holder.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/methods.h"
#include "metlog/providers.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// What C++ answers where the original did otherwise, or in Python's words; by the case's name, the
/// beginning of the error, or "" where the original failed and this does not.
const std::map<std::string, std::string>& errors() {
  static const std::map<std::string, std::string> kErrors = {
      {"no_sender", "sender.class is missing: "},
      {"empty_config", "sender.class is missing: "},
      {"sender_class_unresolvable_module",
       "sender.class = \"no.such.Thing\": unknown sender class 'no.such.Thing'; known are "},
      {"sender_class_unresolvable_attr",
       "sender.class = \"metlog.senders.Nope\": unknown sender class 'metlog.senders.Nope'"},
      {"sender_class_colon_bad",
       "sender.class = \"metlog.senders:Nope\": unknown sender class 'metlog.senders:Nope'"},
      {"sender_class_empty", "sender.class = \"\": unknown sender class ''; known are "},
      {"sender_bad_kwarg",
       "sender.class = \"metlog.senders.UdpSender\": metlog.senders.UdpSender: UdpSender takes "
       "(host, port); it knows no 'bogus'"},
      {"sender_missing_arg",
       "sender.class = \"metlog.senders.UdpSender\": metlog.senders.UdpSender: UdpSender takes "
       "(host, port); 'port' is missing"},
      {"filters_null", ""},  // null is like an absent key
      {"filter_unresolvable",
       "filters[0][0] = \"metlog.filters.nope\": unknown filter provider 'metlog.filters.nope'"},
      {"filter_malformed_pair",
       "filters[0] = [\"metlog.filters.severity_max_provider\"]: takes a pair: a provider's name, "
       "and a map of its parameters"},
      {"doc_wrong_filter_name", ""},  // both names are known
      {"plugin_unresolvable",
       "plugins.a[0] = \"no.such:thing\": unknown plugin provider 'no.such:thing'; known are "},
  };
  return kErrors;
}

PluginProvider answering(const std::string& name) {
  return [name](const ValueMap& parameters) -> absl::StatusOr<Plugin> {
    return Plugin{name, [parameters](Client&, const Arguments&) -> absl::StatusOr<Value> {
                    return Value(parameters);
                  }};
  };
}

ValueMap map_of(simdjson::dom::element json) {
  return *parse_json(simdjson::minify(json))->as_map();
}

class DictConfig : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(
        providers().plugins.add("metlog.tests.plugin:config_plugin", answering("dummy")).ok());
    ASSERT_TRUE(
        providers()
            .plugins.add("metlog.tests.plugin_exception:config_plugin", answering("exception"))
            .ok());
  }
  static void TearDownTestSuite() {
    providers().plugins.remove("metlog.tests.plugin.config_plugin");
    providers().plugins.remove("metlog.tests.plugin_exception.config_plugin");
  }

  /// The client is as the case says.
  void expect_state(const Client& client, simdjson::dom::element expected) {
    const ClientOptions& options = state_of(client)->options;
    EXPECT_EQ(client.is_active(), expected["is_active"].get_bool().value());
    EXPECT_EQ(options.filters.size(), expected["filters"].get_uint64().value());
    const auto logger = expected["logger"].get_string();  // null is none given
    EXPECT_EQ(options.logger, logger.error() == simdjson::SUCCESS ? logger.value_unsafe() : "");
    const auto severity = expected["severity"].get_int64();
    EXPECT_EQ(options.severity,
              severity.error() == simdjson::SUCCESS ? severity.value_unsafe() : 6);
    for (const auto timer : expected["disabled_timers"].get_array()) {
      EXPECT_TRUE(client.is_timer_disabled(timer.get_string().value()));
    }
    if (debug_capture(client) == nullptr) return;
    EXPECT_EQ(debug_capture(client)->options(), map_of(expected["sender_attrs"]));
  }

  TestEngine engine_;
  Holder holder_{engine_.engine()};
};

TEST_F(DictConfig, BecomesWhatTheReferenceMakesOfIt) {
  simdjson::dom::parser parser;
  const auto golden = parser.load(METLOG_GOLDEN_DIR "/dict_config.json");
  int compared = 0;
  for (const simdjson::dom::element one : golden["cases"]) {
    const std::string name(one["name"].get_string().value());
    SCOPED_TRACE(name);
    const ValueMap config = map_of(one["config"]);
    Configuring how;
    how.clear_global = true;
    how.engine = &engine_.engine();
    how.holder = &holder_;
    const absl::StatusOr<Client> client = client_from_dict_config(config, how);
    ++compared;
    const auto error = errors().find(name);
    if (error != errors().end() && !error->second.empty()) {
      ASSERT_FALSE(client.ok());
      EXPECT_NE(std::string(client.status().message()).find(error->second), std::string::npos)
          << client.status();
      continue;
    }
    ASSERT_TRUE(client.ok()) << client.status();
    if (one["error"].error() == simdjson::SUCCESS) continue;
    expect_state(*client, one["client"]);
    EXPECT_TRUE(is_same_json(configuration_of(*client), simdjson::minify(one["_config"])))
        << configuration_of(*client);
    EXPECT_EQ(holder_.global_config(), map_of(one["global_config"]));
  }
  EXPECT_EQ(compared, 26);
}

}  // namespace
}  // namespace metlog
