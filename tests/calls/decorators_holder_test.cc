// Decorators and the process's holder of clients, as programs have them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metlog/holder.h"
#include "tests/calls/decorator_world.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

TEST(DecoratorsAndHolder, MeetAtTheFirstCall) {
  TestEngine test;
  test.expect(4);
  Holder& holder = Holder::instance();
  const auto timed = METLOG_TIMEIT(add);
  const auto counted = METLOG_INCR_COUNT(add);
  const std::uint64_t before = unmeasured_calls();
  timed(1, 2);
  EXPECT_EQ(unmeasured_calls() - before, 1U) << "there is no default client yet";

  holder.set_client("shop", test.client());
  timed(1, 2);
  counted(1, 2);
  holder.merge_global_config({{"disabled_decorators", "timeit"}});
  METLOG_TIMEIT(add)(1, 2);
  METLOG_INCR_COUNT(add, {.client_name = "shop"})(1, 2);
  holder.delete_client("shop");
  holder.clear_global_config();
  timed(1, 2);  // keeps the client it found
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 4U);
  for (const std::string& message : messages) {
    EXPECT_EQ(field_of(message, "name"), R"("decorators_holder_test.add")");
  }
}

}  // namespace
}  // namespace metlog
