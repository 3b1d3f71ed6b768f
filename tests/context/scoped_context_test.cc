// The fields of a thread's messages during a scope and after it.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "metlog/context.h"
#include "metlog/internal/context/thread_context.h"
#include "metlog/internal/emit/producer.h"
#include "tests/context/context_fields.h"

namespace metlog {
namespace {

/// Returns the number of scopes on the stack of the thread.
int stack_depth() {
  const Ref<ContextScope> innermost = exchange_context({});
  int depth = 0;
  for (const ContextScope* at = innermost.get(); at != nullptr; at = at->outer.get()) ++depth;
  (void)exchange_context(innermost);
  return depth;
}

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
  EXPECT_EQ(settled_fields(test),
            (Fields{"{}", R"({"request_id":4711,"tenant":"shop"})",
                    R"({"ms":41.5,"request_id":4711,"tenant":"shop"})", "{}"}));
}

TEST(ScopedContext, IsThereForAThreadsFirstCall) {
  TestEngine test;
  const ScopedContext scope({{"a", 1}});
  METLOG_INFO(test.log(), "first");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"a":1})"}));
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
  EXPECT_EQ(settled_fields(test),
            (Fields{inner, R"({"a":"one","b":true,"c":3,"d":null})", inner, R"({"a":1,"b":2})"}));
}

TEST(ScopedContext, TakesTheLaterOfTwoFieldsWithOneKey) {
  TestEngine test;
  const ScopedContext scope({{"a", 1}, {"b", 2}, {"a", 3}});
  METLOG_INFO(test.log(), "x");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"a":3,"b":2})"}));
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
  EXPECT_EQ(settled_fields(test), (Fields{all, all, "{}"}));
}

TEST(ScopedContext, LeftOutOfOrderUncoversTheScopeBelow) {
  TestEngine test;
  const ScopedContext outer({{"a", 1}});
  auto middle = std::make_unique<ScopedContext>(FieldList{{"b", 2}});
  auto inner = std::make_unique<ScopedContext>(FieldList{{"c", 3}});
  middle.reset();
  inner.reset();
  METLOG_INFO(test.log(), "outer");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"a":1})"}));
}

TEST(ScopedContext, WithoutACallInBetweenLeavesNoRecord) {
  TestEngine test;
  METLOG_INFO(test.log(), "ring");
  const std::uint64_t before = t_producer->writer.pos();
  for (int i = 0; i < 1000; ++i) const ScopedContext scope({{"number", i}});
  EXPECT_EQ(t_producer->writer.pos(), before);
  METLOG_INFO(test.log(), "one cell");
  EXPECT_EQ(t_producer->writer.pos(), before + 1);
}

TEST(ScopedContext, ThatSaysNothingNewLeavesNoRecord) {
  TestEngine test;
  const ScopedContext outer({{"a", 1}});
  METLOG_INFO(test.log(), "ring");
  const std::uint64_t before = t_producer->writer.pos();
  const ScopedContext same({{"a", 1}});
  const ScopedContext nothing({});
  METLOG_INFO(test.log(), "one cell");
  EXPECT_EQ(t_producer->writer.pos(), before + 1);
  EXPECT_EQ(settled_fields(test), (Fields{R"({"a":1})", R"({"a":1})"}));
}

TEST(ScopedContext, ReplacedHandOverHandDoesNotPileUp) {
  TestEngine test;
  auto scope = std::make_unique<ScopedContext>(FieldList{{"number", -1}});
  const ScopedContext inner({{"inner", 0}});
  for (int i = 0; i < 1'000; ++i) scope = std::make_unique<ScopedContext>(FieldList{{"n", i}});
  EXPECT_EQ(stack_depth(), 3);
  METLOG_INFO(test.log(), "last");
  scope.reset();
  METLOG_INFO(test.log(), "inner");
  EXPECT_EQ(settled_fields(test),
            (Fields{R"({"number":-1,"inner":0,"n":999})", R"({"number":-1,"inner":0})"}));
}

}  // namespace
}  // namespace metlog
