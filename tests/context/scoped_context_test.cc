// What a thread's messages carry while a scope lasts, and what they no longer carry behind it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "metlog/context.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// The fields of each message so far, as JSON.
std::vector<std::string> fields(TestEngine& test) {
  std::vector<std::string> all;
  for (const std::string& message : test.settle()) {
    const std::size_t begin = message.find("\"fields\":") + 9;
    all.push_back(message.substr(begin, message.size() - begin - 1));
  }
  return all;
}

using Fields = std::vector<std::string>;

TEST(ScopedContext, AddsItsFieldsToTheMessagesOfItsScope) {
  TestEngine test;
  METLOG_INFO(test.log(), "before");
  {
    const std::string tenant = "shop";
    const ScopedContext scope({{"request_id", 4711}, {"tenant", tenant}});
    EXPECT_EQ(scope.error(), "");
    METLOG_INFO(test.log(), "within");
    METLOG_INFO(test.log(), "within", kv("ms", 41.5));
  }
  METLOG_INFO(test.log(), "behind");
  EXPECT_EQ(fields(test), (Fields{"{}", R"({"request_id":4711,"tenant":"shop"})",
                                  R"({"ms":41.5,"request_id":4711,"tenant":"shop"})", "{}"}));
}

TEST(ScopedContext, IsThereForAThreadsFirstCall) {
  TestEngine test;
  const ScopedContext scope({{"a", 1}});
  METLOG_INFO(test.log(), "first");
  EXPECT_EQ(fields(test), (Fields{R"({"a":1})"}));
}

TEST(ScopedContext, AddsOverridesAndRestoresWhenNested) {
  TestEngine test;
  const ScopedContext outer({{"a", 1}, {"b", 2}});
  {
    const ScopedContext inner({{"c", 3}, {"a", "one"}, {"d", nullptr}});
    METLOG_INFO(test.log(), "inner");
    {
      const ScopedContext innermost({{"b", true}});
      METLOG_INFO(test.log(), "innermost");
    }
    METLOG_INFO(test.log(), "inner");
  }
  METLOG_INFO(test.log(), "outer");
  const std::string inner = R"({"a":"one","b":2,"c":3,"d":null})";
  EXPECT_EQ(fields(test),
            (Fields{inner, R"({"a":"one","b":true,"c":3,"d":null})", inner, R"({"a":1,"b":2})"}));
}

TEST(ScopedContext, TakesTheLaterOfTwoFieldsWithOneKey) {
  TestEngine test;
  const ScopedContext scope({{"a", 1}, {"b", 2}, {"a", 3}});
  METLOG_INFO(test.log(), "x");
  EXPECT_EQ(fields(test), (Fields{R"({"a":3,"b":2})"}));
}

TEST(ScopedContext, LeftOutOfOrderLeavesTheScopesInsideAsTheyAre) {
  TestEngine test;
  auto outer = std::make_unique<ScopedContext>(FieldList{{"a", 1}});
  auto middle = std::make_unique<ScopedContext>(FieldList{{"b", 2}});
  auto inner = std::make_unique<ScopedContext>(FieldList{{"c", 3}});
  middle.reset();
  METLOG_INFO(test.log(), "inner");
  outer.reset();
  METLOG_INFO(test.log(), "inner");
  inner.reset();
  METLOG_INFO(test.log(), "none");
  const std::string all = R"({"a":1,"b":2,"c":3})";
  EXPECT_EQ(fields(test), (Fields{all, all, "{}"}));
}

TEST(ScopedContext, LeftOutOfOrderUncoversTheScopeBelow) {
  TestEngine test;
  const ScopedContext outer({{"a", 1}});
  auto middle = std::make_unique<ScopedContext>(FieldList{{"b", 2}});
  auto inner = std::make_unique<ScopedContext>(FieldList{{"c", 3}});
  middle.reset();
  inner.reset();
  METLOG_INFO(test.log(), "outer");
  EXPECT_EQ(fields(test), (Fields{R"({"a":1})"}));
}

}  // namespace
}  // namespace metlog
