// timeit() and incr_count(): tests/golden/decorators.json translated to C++, and what a C++
// wrapper needs beside that.

#include "metlog/decorators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/python/decorator_name.h"
#include "tests/calls/decorator_world.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Decorators : public testing::Test {
 protected:
  Decorators() { world_.client = &test_.client(); }

  // "timer decorators_test.add", for each message so far.
  std::vector<std::string> sent() {
    std::vector<std::string> all;
    for (const std::string& message : test_.settle()) {
      std::string line =
          message.find(R"("type":"timer")") != std::string::npos ? "timer " : "counter ";
      all.push_back(line.append(field_of(message, "name")));
    }
    test_.expect(all.size() - test_.calls());
    return all;
  }

  TestEngine test_{{.client = {.logger = "d"}}};
  DecoratorWorld world_;
};

constexpr const char* kTimerAdd = R"(timer "decorators_test.add")";
constexpr const char* kCounterAdd = R"(counter "decorators_test.add")";

TEST_F(Decorators, AreNamedAfterTheFunction) {
  EXPECT_EQ(METLOG_TIMEIT(add)(1, 2), 3);
  EXPECT_EQ(METLOG_INCR_COUNT(metlog::add)(1, 2), 3);
  EXPECT_EQ(timeit<&add>()(1, 2), 3);
  EXPECT_EQ(METLOG_TIMEIT(&Cart::total)(Cart(), 2), 6);
  EXPECT_EQ(incr_count<&Cart::total>()(Cart(), 2), 6);
  EXPECT_EQ(timeit([](int a) { return a; })(5), 5);
  EXPECT_EQ(METLOG_INCR_COUNT([](int a) { return a; })(5), 5);
  EXPECT_EQ(incr_count(Callable())(5), 5);
  EXPECT_THAT(
      sent(),
      ElementsAre(kTimerAdd, kCounterAdd, kTimerAdd, R"(timer "decorators_test.total")",
                  R"(counter "decorators_test.total")", R"(timer "decorators_test.<lambda>")",
                  R"(counter "decorators_test.<lambda>")",
                  R"(counter "decorators_test.Callable")"));
}

TEST(DecoratorName, LeavesOutNamespacesClassAndTemplateArguments) {
  const auto name_of = [](std::string_view function) {
    return DecoratorName::of_function("src/cart.cc", function).full();
  };
  EXPECT_EQ(name_of("pay"), "cart.pay");
  EXPECT_EQ(name_of("&shop::Cart::pay<shop::Coin>"), "cart.pay");
  EXPECT_EQ(name_of("(anonymous namespace)::pay"), "cart.pay");
}

TEST_F(Decorators, NameAFunctionKnownByItsAddressAfterThePlace) {
  const unsigned line = __LINE__ + 1;
  EXPECT_EQ(timeit(add)(1, 2), 3);
  std::string expected = R"(timer "decorators_test.TestBody:)";
  EXPECT_THAT(sent(), ElementsAre(expected.append(std::to_string(line)).append(1, '"')));
}

TEST_F(Decorators, TakeTheInnerNameWhenStacked) {
  EXPECT_EQ(incr_count(METLOG_TIMEIT(add))(1, 2), 3);
  EXPECT_EQ(timeit(METLOG_INCR_COUNT(add))(1, 2), 3);
  EXPECT_EQ(incr_count(METLOG_TIMEIT(&Cart::total))(Cart(), 1), 3);
  EXPECT_THAT(sent(), ElementsAre(kTimerAdd, kCounterAdd, kCounterAdd, kTimerAdd,
                                  R"(timer "decorators_test.total")",
                                  R"(counter "decorators_test.total")"));
}

TEST_F(Decorators, PassTheExceptionAndMeasureAllTheSame) {
  EXPECT_THROW(METLOG_TIMEIT(boom)(), std::runtime_error);
  EXPECT_THROW(METLOG_INCR_COUNT(boom)(), std::runtime_error);
  EXPECT_THAT(sent(),
              ElementsAre(R"(timer "decorators_test.boom")", R"(counter "decorators_test.boom")"));
}

TEST_F(Decorators, AreSwitchedOffByKind) {
  world_.disabled_decorators = {"timeit"};
  EXPECT_EQ(incr_count(METLOG_TIMEIT(add))(1, 2), 3);
  world_.disabled_decorators = {"xincr_countx", "*"};
  EXPECT_EQ(METLOG_INCR_COUNT(add)(1, 2), 3);
  EXPECT_THAT(sent(), ElementsAre(kCounterAdd, kCounterAdd)) << "membership is exact";
}

TEST_F(Decorators, DecideOnceAtTheFirstCall) {
  const auto off = METLOG_TIMEIT(add);
  const auto on = METLOG_TIMEIT(add);
  const auto copy_of_off = off;
  world_.disabled_timers = {"add"};
  off(1, 2);
  world_.disabled_timers.clear();
  off(1, 2);
  copy_of_off(1, 2);
  EXPECT_THAT(sent(), IsEmpty());
  on(1, 2);
  world_.disabled_timers = {"add"};
  world_.disabled_decorators = {"timeit"};
  on(1, 2);
  EXPECT_THAT(sent(), ElementsAre(kTimerAdd, kTimerAdd));
}

TEST_F(Decorators, AskForAGivenNameWhenThereIsOne) {
  world_.disabled_timers = {"add", "given"};
  timeit(add, "given")(1, 2);
  timeit(add, "other")(1, 2);
  METLOG_INCR_COUNT(add)(1, 2);
  EXPECT_THAT(sent(), ElementsAre(R"(timer "other")", kCounterAdd));
}

TEST_F(Decorators, KeepTheClientOfTheFirstCall) {
  TestEngine& one = test_;
  Client other = *one.engine().open("null:");
  const auto wrapped = METLOG_TIMEIT(add);
  wrapped(1, 2);
  world_.client = &other;
  wrapped(1, 2);
  EXPECT_THAT(sent(), ElementsAre(kTimerAdd, kTimerAdd));
  EXPECT_EQ(other.stats().emitted, 0U);
}

TEST_F(Decorators, MayNameTheirClient) {
  Client other = *test_.engine().open("null:");
  world_.named["other"] = &other;
  METLOG_TIMEIT(add, {.client = &other})(1, 2);
  METLOG_INCR_COUNT(add, {.client_name = "other"})(1, 2);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(other.stats().emitted, 2U);
}

TEST_F(Decorators, RunTheFunctionUnmeasuredWhileThereIsNoClient) {
  world_.client = nullptr;
  const std::uint64_t before = unmeasured_calls();
  const auto timed = METLOG_TIMEIT(add);
  const auto counted = METLOG_INCR_COUNT(add);
  EXPECT_EQ(timed(1, 2), 3);
  EXPECT_EQ(counted(1, 2), 3);
  EXPECT_EQ(unmeasured_calls() - before, 2U);
  world_.client = &test_.client();
  timed(1, 2);
  counted(1, 2);
  EXPECT_THAT(sent(), ElementsAre(kTimerAdd, kCounterAdd));
  EXPECT_EQ(unmeasured_calls() - before, 2U);
}

TEST_F(Decorators, LookForAnotherWhenTheirClientIsClosed) {
  Client gone = *test_.engine().open("null:");
  world_.client = &gone;
  const auto timed = METLOG_TIMEIT(add);
  const auto counted = METLOG_INCR_COUNT(add);
  timed(1, 2);
  counted(1, 2);
  gone.close(std::chrono::seconds(1));
  world_.client = &test_.client();
  const std::uint64_t before = unmeasured_calls();
  timed(1, 2);
  counted(1, 2);
  EXPECT_THAT(sent(), ElementsAre(kTimerAdd, kCounterAdd));
  EXPECT_EQ(gone.stats().emitted, 2U);
  EXPECT_EQ(unmeasured_calls(), before);
}

TEST_F(Decorators, CountWhatAClosedClientDoesNotMeasure) {
  Client closed = *test_.engine().open("null:");
  closed.close(std::chrono::seconds(1));
  world_.named["other"] = &closed;
  const std::uint64_t before = unmeasured_calls();
  const auto given = METLOG_TIMEIT(add, {.client = &closed});
  const auto named = METLOG_INCR_COUNT(add, {.client_name = "other"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(named(given(1, 2), 0), 3);
  EXPECT_EQ(unmeasured_calls() - before, 6U);
  world_.named["other"] = &test_.client();
  for (int i = 0; i < 3; ++i) named(1, 2);
  EXPECT_FALSE(sent().empty()) << "it still asks, if more rarely";
}

TEST_F(Decorators, AreBoundOnceByAllThreads) {
  const auto timed = METLOG_TIMEIT(add);
  const auto counted = METLOG_INCR_COUNT(add);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) counted(timed(1, 2), 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sent().size(), 1600U);
}

/// Smaller than a pointer to a table of virtual functions.
struct Small {
  int twice(int value) const { return 2 * value; }
};

// And compile without warnings: g++ 12 has one for such calls, see invoke.h.
TEST_F(Decorators, TakeMethodsOfTheSmallestObjects) {
  const Small small;
  const auto timed = timeit<&Small::twice>();
  const auto counted = incr_count(timeit(&Small::twice, "small"));
  EXPECT_EQ(timed(small, 1) + counted(small, 2) + timed(&small, 3), 12);
  EXPECT_EQ(sent().size(), 4U);
}

std::unique_ptr<int> pass(std::unique_ptr<int> value) noexcept { return value; }
int& pick(int& value) { return value; }

TEST_F(Decorators, KeepWhatTheFunctionPromises) {
  auto moved = METLOG_TIMEIT(pass);
  EXPECT_EQ(*moved(std::make_unique<int>(7)), 7);
  static_assert(noexcept(moved(nullptr)));
  auto picked = incr_count(METLOG_TIMEIT(pick));
  static_assert(!noexcept(picked(std::declval<int&>())));
  static_assert(std::is_same_v<decltype(picked(std::declval<int&>())), int&>);
  static_assert(!std::invocable<decltype(picked), std::string>);
  int value = 1;
  EXPECT_EQ(&picked(value), &value);
  int calls = 0;
  auto counter = timeit([calls]() mutable { return ++calls; });
  static_assert(!std::invocable<const decltype(counter)>);
  counter();
  EXPECT_EQ(counter(), 2);
  const std::function<int(int, int)> function = METLOG_TIMEIT(add);
  EXPECT_EQ(function(1, 2), 3);
  EXPECT_EQ(sent().size(), 6U);
}

}  // namespace
}  // namespace metlog
