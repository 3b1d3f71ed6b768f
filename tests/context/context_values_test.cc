// The form of a context's fields: all kinds of values, hostile bytes, keys that a message has
// itself, both formats, and what is too long.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "metlog/context.h"
#include "metlog/internal/context/context_text.h"
#include "tests/context/context_fields.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

using testing::EndsWith;

TestEngineOptions text_format() {
  TestEngineOptions options;
  options.client.format = MessageFormat::kText;
  return options;
}

/// The part of a text line after its logger.
std::string tail(const std::string& line) { return line.substr(line.find("tests:") + 7); }

FieldList all_kinds() {
  static const Field kFields[] = {
      {"null", nullptr},         {"bool", true}, {"int", INT64_MIN},
      {"uint", UINT64_MAX},      {"real", 2.0},  {"nan", std::numeric_limits<double>::quiet_NaN()},
      {"text", "a \"b\" \\ \n"}, {"empty", ""}};
  return {kFields, std::size(kFields)};
}

TEST(ContextFields, AreOfEveryKindAsOtherFieldsAre) {
  TestEngine test;
  test.log().metlog("x", {.fields = all_kinds()});
  const ScopedContext scope(all_kinds());
  test.log().metlog("x");
  const std::vector<std::string> all = settled_fields(test);
  EXPECT_EQ(all[0], all[1]);
}

TEST(ContextFields, AreOfEveryKindInALineToo) {
  TestEngine test(text_format());
  test.log().metlog("x", {.fields = all_kinds()});
  const ScopedContext scope(all_kinds());
  test.log().metlog("x");
  const std::vector<std::string> lines = test.settle();
  EXPECT_EQ(lines[0], lines[1]);
}

TEST(ContextFields, AreEscapedAndMadeValid) {
  const std::string key = "k\"\n\xff";
  const std::string value = "v\"\n\xff\x1b[31m\u202e";
  {
    TestEngine test;
    const ScopedContext scope({{key, value}});
    METLOG_INFO(test.log(), "x");
    EXPECT_EQ(settled_fields(test)[0], "{\"k\\\"\\n\uFFFD\":\"v\\\"\\n\uFFFD\\u001b[31m\u202e\"}");
  }
  TestEngine test(text_format());
  const ScopedContext scope({{key, value}});
  METLOG_INFO(test.log(), "x");
  test.settle();  // and the engine's end sees that it is a line without controls
}

TEST(ContextFields, GiveWayToTheMessagesOwn) {
  TestEngine test;
  const ScopedContext scope({{"a", 1}, {"b", 2}, {"c", 3}});
  METLOG_INFO(test.log(), "first", kv("a", "own"));
  METLOG_INFO(test.log(), "middle", kv("b", "own"));
  METLOG_INFO(test.log(), "last", kv("c", "own"));
  METLOG_INFO(test.log(), "all", kv("c", "own"), kv("b", "own"), kv("a", "own"));
  METLOG_INFO(test.log(), "alike", kv("aa", 1), kv("", 2));
  test.log().metlog("x", {.fields = {{"z", nullptr}, {"b", "own"}, {"y", true}, {"a", 0.5}}});
  EXPECT_EQ(settled_fields(test),
            (Fields{R"({"a":"own","b":2,"c":3})", R"({"b":"own","a":1,"c":3})",
                    R"({"c":"own","a":1,"b":2})", R"({"c":"own","b":"own","a":"own"})",
                    R"({"aa":1,"":2,"a":1,"b":2,"c":3})",
                    R"({"z":null,"b":"own","y":true,"a":0.5,"c":3})"}));
}

TEST(ContextFields, GiveWayToAMetricsNameAndRate) {
  TestEngine test;
  const ScopedContext scope({{"name", "other"}, {"tenant", "shop"}, {"rate", 7}});
  METLOG_INCR(test.log(), "orders");
  { METLOG_TIMER(test.log(), "db", kv("table", "t")); }
  test.log().incr("bytes", 2, {.fields = {{"tenant", "own"}}});
  METLOG_EVENT(test.log(), "x");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"name":"orders","rate":1.0,"tenant":"shop"})",
                                          R"({"table":"t","name":"db","rate":1.0,"tenant":"shop"})",
                                          R"({"tenant":"own","name":"bytes","rate":1.0})",
                                          R"({"name":"other","tenant":"shop","rate":7})"}));
}

TEST(ContextFields, StandBehindTheOthersInALine) {
  TestEngine test(text_format());
  const ScopedContext scope({{"tenant", "two words"}, {"n", 7}, {"rate", 1}});
  METLOG_INFO(test.log(), "text");
  METLOG_INFO(test.log(), "text", kv("ms", 1.5), kv("n", 8));
  METLOG_INCR(test.log(), "orders");
  const std::vector<std::string> lines = test.settle();
  EXPECT_EQ(tail(lines[0]), "text tenant=\"two words\" n=7 rate=1");
  EXPECT_EQ(tail(lines[1]), "text ms=1.5 n=8 tenant=\"two words\" rate=1");
  EXPECT_EQ(tail(lines[2]), "counter orders 1 tenant=\"two words\" n=7");
}

TEST(ContextFields, AreSeenAndChangedByFilters) {
  TestEngineOptions options;
  options.client.filters = {Filter("tenant", [](Message& message) {
    if (message.fields().contains("secret")) message.change_fields().erase("secret");
    return message.fields().contains("tenant");
  })};
  TestEngine test(std::move(options));
  METLOG_INFO(test.log(), "dropped");
  const ScopedContext scope({{"tenant", "shop"}});
  METLOG_INFO(test.log(), "passed");
  const ScopedContext secret({{"secret", 1}});
  METLOG_INFO(test.log(), "changed");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"tenant":"shop"})", R"({"tenant":"shop"})"}));
  EXPECT_EQ(test.client().stats().filtered, 1U);
}

TEST(ContextFields, MayFillTheWholeContext) {
  TestEngine test;
  // Four bytes for the count, four for each length, one for the letter and one for the key.
  const std::string longest(kMaxContextBytes - 14, 'x');
  const ScopedContext scope({{"k", longest}});
  EXPECT_EQ(scope.error(), "");
  METLOG_INFO(test.log(), "x");
  const ScopedContext same_size({{"k", std::string(kMaxContextBytes - 14, '\x1f')}});
  METLOG_INFO(test.log(), "six times as long");
  EXPECT_EQ(settled_fields(test)[0], "{\"k\":\"" + longest + "\"}");
}

TEST(ScopedContext, ThatIsTooLongIsRefusedAndSaysSo) {
  TestEngine test;
  const ScopedContext outer({{"a", 1}});
  {
    const std::string text(kMaxContextBytes, 'x');
    const ScopedContext refused({{"b", 2}, {"text", text}});
    EXPECT_EQ(refused.error(),
              "context refused: b text: with it the thread's context takes 2093 bytes; it takes at "
              "most 2048 (kMaxContextBytes)");
    METLOG_INFO(test.log(), "refused");
    const ScopedContext inner({{"c", 3}});
    EXPECT_EQ(inner.error(), "");
    METLOG_INFO(test.log(), "inner");
  }
  METLOG_INFO(test.log(), "outer");
  EXPECT_EQ(settled_fields(test),
            (Fields{R"({"a":1,"context_refused":2093})", R"({"a":1,"context_refused":2093,"c":3})",
                    R"({"a":1})"}));
}

TEST(ScopedContext, RefusedInAFullOneStillSaysSo) {
  TestEngine test;
  const std::string longest(kMaxContextBytes - 14, 'x');
  const ScopedContext full({{"k", longest}});
  const ScopedContext refused({{"b", 2}});
  METLOG_INFO(test.log(), "refused");
  EXPECT_THAT(settled_fields(test)[0], EndsWith(R"(xxx","context_refused":2062})"));
}

TEST(ContextFields, OfADamagedRecordAreReadNoFurtherThanItGoes) {
  ContextText text;
  std::vector<unsigned char> bytes(300, 0xff);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    render_context(text, bytes.data(), size);
    EXPECT_LE(text.parts.size(), 1U) << size;
  }
  // Empty keys, and values of no known kind, which are null: as many as there are bytes for.
  bytes.assign(300, 0);
  bytes[0] = 255;
  render_context(text, bytes.data(), bytes.size());
  EXPECT_EQ(text.parts.size(), 60U);
  EXPECT_THAT(text.json, testing::StartsWith(R"(,"":null,"":null)"));
}

}  // namespace
}  // namespace metlog
