// One key given twice: the last value counts, in every kind of object and in both formats.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metlog/context.h"
#include "metlog/internal/text/written_members.h"
#include "metlog/secret.h"
#include "metlog/value.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

TEST(RepeatedKeys, OfAMacroCountWithTheirLastValue) {
  TestEngine test;
  METLOG_INFO(test.log(), "x", kv("a", 1), kv("b", 2), kv("a", "three"));
  METLOG_EVENT(test.log(), "t", kv("a", 1), kv("a", 2), kv("a", 3));
  METLOG_INCR(test.log(), "n", kv("a", 1), kv("a", 2), kv("name", 1));
  METLOG_EVERY_N(2, METLOG_INFO, test.log(), "x", kv("suppressed", "mine"));
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, R"("x")", R"("b":2,"a":"three")"),
                          envelope("t", 6, R"("")", R"("a":3)"),
                          envelope("counter", 6, R"("1")", R"("a":2,"name":"n","rate":1.0)"),
                          envelope("oldstyle", 6, R"("x")", R"("suppressed":0)")));
}

// A key need not be a literal, so it may differ from call to call.
void log_two(Client& log, const char (&first)[2], const char (&second)[2]) {
  METLOG_INFO(log, "x", kv(first, 1), kv(second, 2));
}

TEST(RepeatedKeys, AreFoundInEachCallOfAPlace) {
  TestEngine test;
  log_two(test.log(), "a", "b");
  log_two(test.log(), "a", "a");
  log_two(test.log(), "b", "a");
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("x")", R"("a":1,"b":2)"),
                                         envelope("oldstyle", 6, R"("x")", R"("a":2)"),
                                         envelope("oldstyle", 6, R"("x")", R"("b":1,"a":2)")));
}

TEST(RepeatedKeys, OfTheFunctionsCountWithTheirLastValue) {
  TestEngine test;
  test.log().metlog("t", {.fields = {{"a", 1}, {"b", "x"}, {"a", ValueList{1, 2}}}});
  test.log().incr("n", 1, {.fields = {{"a", 1}, {"a", 2}, {"rate", 3}}});
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, R"("")", R"("b":"x","a":[1,2])"),
                          envelope("counter", 6, R"("1")", R"("a":2,"name":"n","rate":1.0)")));
}

TEST(RepeatedKeys, OfAContextYieldToTheMessage) {
  TestEngine test;
  const ScopedContext context({{"a", 1}, {"a", 2}, {"c", 3}});
  METLOG_INFO(test.log(), "x");
  METLOG_INFO(test.log(), "x", kv("a", 4), kv("a", 5));
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("x")", R"("a":2,"c":3)"),
                                         envelope("oldstyle", 6, R"("x")", R"("a":5,"c":3)")));
}

TEST(RepeatedKeys, OfAContainerCountWithTheirLastValue) {
  TestEngine test;
  const std::multimap<std::string, int> many = {{"a", 1}, {"a", 2}, {"b", 3}};
  const std::map<const char*, std::multimap<int, int>> deep = {{"x", {{7, 1}, {7, 2}}}};
  const std::map<bool, std::vector<std::pair<std::string, int>>> pairs = {
      {true, {{"a", 1}, {"a", 2}}}};
  METLOG_EVENT(test.log(), "t", kv("m", many), payload(deep));
  METLOG_INFO(test.log(), "{}", many);
  METLOG_EVENT(test.log(), "t", kv("pairs", pairs));  // lists: nothing is a key there
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, R"({"x":{"7":2}})", R"("m":{"a":2,"b":3})"),
                          envelope("oldstyle", 6, R"("{\"a\":2,\"b\":3}")"),
                          envelope("t", 6, R"("")", R"("pairs":{"true":[["a",1],["a",2]]})")));
}

TEST(RepeatedKeys, AreThoseThatBecomeEqualWhenTheyAreWritten) {
  TestEngine test;
  const std::map<std::string, int> broken = {{"\xfe", 1}, {"\xff", 2}};
  const std::string one = "key";
  const std::string other = "key";
  const std::map<const char*, int> pointers = {{one.c_str(), 1}, {other.c_str(), 1}};
  METLOG_EVENT(test.log(), "t", kv("broken", broken), kv("pointers", pointers));
  test.log().metlog("t", {.fields = {{"\xfe", 1}, {"\xff", 2}}});
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, R"("")",
                                   "\"broken\":{\"\xEF\xBF\xBD\":2},\"pointers\":{\"key\":1}"),
                          envelope("t", 6, R"("")", "\"\xEF\xBF\xBD\":2")));
}

TEST(RepeatedKeys, OfAContextAreComparedAsTheyAreWritten) {
  TestEngine test;
  const ScopedContext context({{"\xfe", 1}, {"\xff", 2}, {"n\xc3", 3}, {"n\xe2\x82", 4}});
  METLOG_INFO(test.log(), "x");
  METLOG_INFO(test.log(), "x", kv("\xfd", 5));
  test.log().metlog("t", {.fields = {{"\xEF\xBF\xBD", 6}, {"n\xe2", 7}}});
  {
    const ScopedContext inner({{"\x80", 8}, {"n", 9}});
    METLOG_INFO(test.log(), "x");
  }
  const std::string broken = "\"\xEF\xBF\xBD\":";
  const std::string longer = "\"n\xEF\xBF\xBD\":";
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, R"("x")", broken + "2," + longer + "4"),
                          envelope("oldstyle", 6, R"("x")", broken + "5," + longer + "4"),
                          envelope("t", 6, R"("")", broken + "6," + longer + "7"),
                          envelope("oldstyle", 6, R"("x")", broken + "8," + longer + "4,\"n\":9")));
}

TEST(RepeatedKeys, OfAContextAreComparedSoInALineToo) {
  TestEngine test({.client = {.logger = "tests", .format = MessageFormat::kText}});
  const ScopedContext context({{"\xfe", 1}, {"\xff", 2}});
  METLOG_INFO(test.log(), "x");
  METLOG_INFO(test.log(), "x", kv("\xfd", 5));
  EXPECT_THAT(test.settle(), ElementsAre(EndsWith("x \"\\udcff\"=2"), EndsWith("x \"\\udcfd\"=5")));
}

TEST(RepeatedKeys, ThatAFilterSetsCountWithTheirLastValue) {
  const Filter filter("set", [](Message& message) {
    message.change_fields().set("\xfe", 1);
    message.change_fields().set("\xff", ValueMap{{"\xfe", 2}, {"\xff", 3}, {"e\u0301", 4}});
    return true;
  });
  const std::string broken = "\"\xEF\xBF\xBD\":";
  {
    TestEngine test({.client = {.logger = "tests", .filters = {filter}}});
    METLOG_INFO(test.log(), "x", kv("\xfd", 0));
    const std::string value = "{" + broken + "3,\"e\u0301\":4}";
    EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("x")", broken + value)));
  }
  TestEngine test(
      {.client = {.logger = "tests", .format = MessageFormat::kText, .filters = {filter}}});
  METLOG_INFO(test.log(), "x", kv("\xfd", 0));
  EXPECT_THAT(test.settle(),
              ElementsAre(EndsWith("x \"\\udcff\"={\"\xEF\xBF\xBD\":3,\"e\u0301\":4}")));
}

TEST(RepeatedKeys, OfALineCountWithTheirLastValue) {
  TestEngine test({.client = {.logger = "tests", .format = MessageFormat::kText}});
  const ScopedContext context({{"a", 0}});
  METLOG_INFO(test.log(), "x", kv("a", 1), kv("b", 2), kv("a", "3 4"));
  test.log().metlog("t", {.fields = {{"a", 1}, {"b", 2}, {"a", 3}}});
  METLOG_INFO(test.log(), "y", kv("m", std::multimap<int, int>{{1, 1}, {1, 2}}));
  EXPECT_THAT(test.settle(), ElementsAre(EndsWith("x b=2 a=\"3 4\""), EndsWith(" b=2 a=3"),
                                         EndsWith("y m={\"1\":2} a=0")));
}

TEST(RepeatedKeys, OfAValueMapDoNotExist) {
  TestEngine test;
  ValueMap map = {{"a", 1}, {"b", 2}, {"a", 3}};
  map.set("b", 4);
  test.log().metlog("t", {.fields = {{"m", map}}}, map);
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, R"({"a":3,"b":4})", R"("m":{"a":3,"b":4})")));
}

TEST(RepeatedKeys, AreFoundAmongMany) {
  TestEngine test;
  std::vector<std::string> keys;
  for (int i = 0; i < 300; ++i) keys.push_back(std::to_string(i * 7'919 % 150));
  std::vector<Field> fields;
  for (int i = 0; i < 300; ++i) fields.push_back({keys[static_cast<std::size_t>(i)], i});
  test.log().metlog("t", {.fields = FieldList(fields.data(), fields.size())});
  std::unordered_multimap<std::string, int> map;
  for (int i = 0; i < 300; ++i) map.emplace(keys[static_cast<std::size_t>(i)], i);
  METLOG_EVENT(test.log(), "t", kv("m", map));
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 2U);
  for (int i = 150; i < 300; ++i) {
    const std::string& key = keys[static_cast<std::size_t>(i)];
    EXPECT_EQ(field_of(messages[0], key), std::to_string(i));
    const std::string quoted = "\"" + key + "\":";
    const std::size_t at = messages[1].find(quoted);
    EXPECT_NE(at, std::string::npos) << key;
    EXPECT_EQ(messages[1].find(quoted, at + 1), std::string::npos) << key;
  }
}

TEST(WrittenMembers, KeepTheLastOfEachKey) {
  for (const int distinct : {1, 2, 11, 12, 13, 40}) {
    std::string text = "{";
    std::string expected = "{";
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (int i = 0; i < 40; ++i) {
      const std::string key = std::to_string(i % distinct);
      places.emplace_back(text.size(), key.size());
      text += key + ":" + std::to_string(i) + ",";
      if (i >= 40 - distinct) expected += key + ":" + std::to_string(i) + ",";
    }
    WrittenMembers members;
    for (const auto& [at, size] : places) {
      members.add(&text[at], &text[at], &text[at] + size);
    }
    char* const end = members.keep_last(text.data() + text.size());
    text.resize(static_cast<std::size_t>(end - text.data()));
    EXPECT_EQ(text, expected);
  }
}

}  // namespace
}  // namespace metlog
