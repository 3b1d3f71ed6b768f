#include <gtest/gtest.h>

#include <string>

#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/typed_value.h"

namespace metlog {
namespace {

ValueMap read(const std::string& text) {
  ConfigReading reading;
  reading.name = "app.ini";
  reading.environment = [](const std::string& name) { return "value of " + name; };
  absl::StatusOr<ValueMap> dict = dict_from_text_config(text, "metlog", reading);
  EXPECT_TRUE(dict.ok()) << dict.status();
  return dict.ok() ? *std::move(dict) : ValueMap();
}

TEST(ValueOrigin, NamesFileLineSectionAndKeyOfAnOption) {
  const ValueMap dict = read("[metlog]\n# c\nSender_Port = 1\n");
  const ValueOrigin* const origin = dict.find("sender")->as_map()->find("port")->origin();
  ASSERT_NE(origin, nullptr);
  EXPECT_EQ(origin->file, "app.ini");
  EXPECT_EQ(origin->line, 3);
  EXPECT_EQ(origin->section, "metlog");
  EXPECT_EQ(origin->key, "sender_port");
  EXPECT_EQ(origin->written, "1");
}

TEST(ValueOrigin, HasTheDefaultSectionInterpolationAndVariables) {
  const ValueMap dict = read("[DEFAULT]\na = 1\n[metlog]\nb = %(a)s\nc = ${X}\n    ${Y}\n");
  EXPECT_EQ(dict.find("a")->origin()->section, "DEFAULT");
  EXPECT_EQ(dict.find("a")->origin()->line, 2);
  EXPECT_TRUE(dict.find("b")->origin()->is_interpolated);
  EXPECT_EQ(dict.find("b")->origin()->written, "%(a)s");
  EXPECT_EQ(dict.find("c")->origin()->variables, "X, Y");
}

TEST(ValueOrigin, HasTheLineThatWasReplaced) {
  EXPECT_EQ(read("[metlog]\na = 1\na = 2\n").find("a")->origin()->replaced_line, 2);
}

TEST(ValueOrigin, HasTheHeaderOfAFilterSection) {
  const ValueMap dict = read("[metlog]\n[metlog_filter_a]\nprovider = p\n");
  const Value& pair = dict.find("filters")->as_list()->front();
  EXPECT_EQ(pair.as_list()->at(1).origin()->section, "metlog_filter_a");
  EXPECT_EQ(pair.as_list()->at(1).origin()->line, 2);
  EXPECT_EQ(pair.as_list()->at(0).origin()->line, 3);
}

TEST(ValueOrigin, HasLineAndPathInJson) {
  ConfigReading reading;
  reading.name = "app.json";
  const absl::StatusOr<ValueMap> dict =
      dict_from_json_config("{\"a, \\\"b\": [\n1, {\"c\":\n[]}],\n\"sender_port\": 5}", reading);
  ASSERT_TRUE(dict.ok()) << dict.status();
  const Value& inner = *dict->find("a, \"b")->as_list()->at(1).as_map()->find("c");
  EXPECT_EQ(inner.origin()->line, 3);
  EXPECT_EQ(inner.origin()->key, "[\"a, \\\"b\"][1].c");
  const Value& port = *dict->find("sender")->as_map()->find("port");
  EXPECT_EQ(port.origin()->line, 4);
  EXPECT_EQ(port.origin()->key, "sender_port");
}

TEST(UnknownKeys, AreTopLevelKeysThatMetlogDoesNotRead) {
  EXPECT_EQ(unknown_keys(read("[metlog]\nloger = x\nlogger = x\nsender_any = 1\nsenderx = 1\n")),
            (std::vector<std::string>{"loger", "senderx"}));
}

}  // namespace
}  // namespace metlog
