#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/config/json_reader.h"
#include "metlog/methods.h"
#include "metlog/providers.h"
#include "tests/support/test_engine.h"

namespace metlog {

/// A file of tests/golden.
inline ValueMap golden(const std::string& name) {
  std::ifstream file(std::string(METLOG_GOLDEN_DIR "/") + name);
  std::ostringstream text;
  text << file.rdbuf();
  return *parse_json(text.str(), name).value().as_map();
}

// Members of such a file, which are there.
inline const Value& at(const ValueMap& map, std::string_view key) {
  const Value* const value = map.find(key);
  EXPECT_NE(value, nullptr) << key;
  static const Value kNone;
  return value != nullptr ? *value : kNone;
}
inline const std::string& text_in(const ValueMap& map, std::string_view key) {
  return *at(map, key).as_text();
}
inline const ValueMap& map_in(const ValueMap& map, std::string_view key) {
  return *at(map, key).as_map();
}
inline std::vector<ValueMap> cases_of(const ValueMap& file) {
  std::vector<ValueMap> cases;
  for (const Value& one : *at(file, "cases").as_list()) cases.push_back(*one.as_map());
  return cases;
}

/// A client of logger `app` whose messages are captured, and a method of a plugin.
class PluginWorld {
 public:
  /// Adds the method that a configuration's section of this provider adds.
  absl::Status add(std::string_view provider, const ValueMap& parameters) {
    const absl::StatusOr<Plugin> plugin = make_plugin(provider, parameters);
    return plugin.ok() ? engine_.client().add_method(*plugin) : plugin.status();
  }
  Client& client() { return engine_.client(); }
  /// The captured messages, which are as many as expected.
  std::vector<ValueMap> messages(std::size_t expected) {
    engine_.expect(expected);
    std::vector<ValueMap> read;
    for (const std::string& text : engine_.settle()) {
      read.push_back(*parse_json(text).value().as_map());
    }
    EXPECT_EQ(read.size(), expected);
    return read;
  }

 private:
  TestEngine engine_{TestEngineOptions{.client = {.logger = "app"}}};
};

}  // namespace metlog
