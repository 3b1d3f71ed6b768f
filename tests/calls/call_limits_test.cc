// METLOG_EVERY_N and the other limits: which calls are sent, and how the others are reported.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/stepper.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string line(std::string_view text, std::string_view suppressed) {
  std::string payload(1, '"');
  payload.append(text).append(1, '"');
  std::string field(R"("suppressed":)");
  return envelope("oldstyle", 4, payload, field.append(suppressed));
}

TEST(CallLimits, SendOneCallInN) {
  TestEngine test;
  test.expect(3);
  int evaluated = 0;
  for (int i = 0; i < 7; ++i) {
    METLOG_EVERY_N(3, METLOG_WARN, test.client(), "call {}", (++evaluated, i));
  }
  EXPECT_EQ(evaluated, 3) << "what is suppressed is not evaluated";
  EXPECT_THAT(test.settle(),
              ElementsAre(line("call 0", "0"), line("call 3", "2"), line("call 6", "2")));
}

TEST(CallLimits, OfNoneOrOneSendEveryCall) {
  TestEngine test;
  test.expect(4);
  for (int i = 0; i < 2; ++i) {
    METLOG_EVERY_N(0, METLOG_WARN, test.client(), "none");
    METLOG_EVERY_N(1, METLOG_WARN, test.client(), "one");
  }
  EXPECT_THAT(test.settle(), ElementsAre(line("none", "0"), line("one", "0"), line("none", "0"),
                                         line("one", "0")));
}

template <class Limit, class Quantity>
int taken_of_five(Quantity quantity) {
  Limit limit;
  std::uint64_t suppressed = 0;
  int taken = 0;
  for (int i = 0; i < 5; ++i) taken += limit.take(quantity, suppressed) ? 1 : 0;
  return taken;
}

TEST(CallLimits, OfCallsTakeAnyIntegerAndANegativeOneIsZero) {
  EXPECT_EQ(taken_of_five<EveryNth>(-1), 5);
  EXPECT_EQ(taken_of_five<EveryNth>(INT64_MIN), 5);
  EXPECT_EQ(taken_of_five<EveryNth>(std::int8_t{2}), 3);
  EXPECT_EQ(taken_of_five<EveryNth>(true), 5);
  EXPECT_EQ(taken_of_five<EveryNth>(UINT64_MAX), 1);
  EXPECT_EQ(taken_of_five<EveryNth>(INT64_MAX), 1);
  EXPECT_EQ(taken_of_five<FirstN>(0), 0);
  EXPECT_EQ(taken_of_five<FirstN>(-1), 0);
  EXPECT_EQ(taken_of_five<FirstN>(INT_MIN), 0);
  EXPECT_EQ(taken_of_five<FirstN>(std::uint16_t{4}), 4);
  EXPECT_EQ(taken_of_five<FirstN>(UINT64_MAX), 5);
}

TEST(CallLimits, OfTimeTakeAnyNumberAndAnyDuration) {
  using Limits = std::numeric_limits<double>;
  using std::chrono::duration;
  for (const double every : {0.0, -0.0, -1.0, -Limits::infinity(), Limits::quiet_NaN()}) {
    EXPECT_EQ(taken_of_five<EverySeconds>(every), 5) << every;
  }
  for (const double once : {1e9, 1e300, Limits::infinity(), Limits::max()}) {
    EXPECT_EQ(taken_of_five<EverySeconds>(once), 1) << once;
  }
  EXPECT_EQ(taken_of_five<EverySeconds>(60), 1);
  EXPECT_EQ(taken_of_five<EverySeconds>(60.0F), 1);
  EXPECT_EQ(taken_of_five<EverySeconds>(INT64_MIN), 5);
  EXPECT_EQ(taken_of_five<EverySeconds>(UINT64_MAX), 1);
  EXPECT_EQ(taken_of_five<EverySeconds>(std::chrono::hours::max()), 1);
  EXPECT_EQ(taken_of_five<EverySeconds>(std::chrono::nanoseconds::min()), 5);
  EXPECT_EQ(taken_of_five<EverySeconds>(duration<long double>(60)), 1);
  EXPECT_EQ(taken_of_five<EverySeconds>(duration<float, std::ratio<3600>>(0.5F)), 1);
}

TEST(CallLimits, OfTimeReckonDurationsInTheirUnit) {
  EverySeconds limit;
  std::uint64_t suppressed = 0;
  constexpr std::uint64_t kMs = 1'000'000;
  EXPECT_TRUE(limit.take(std::chrono::milliseconds(250), 1'000 * kMs, suppressed));
  EXPECT_FALSE(limit.take(std::chrono::milliseconds(250), 1'249 * kMs, suppressed));
  EXPECT_TRUE(limit.take(std::chrono::milliseconds(250), 1'250 * kMs, suppressed));
  EXPECT_EQ(suppressed, 1U);
  // The end of the period is beyond what 64 bits hold: it never comes.
  EXPECT_TRUE(limit.take(2e10, 2'000 * kMs, suppressed));
  EXPECT_FALSE(limit.take(2e10, UINT64_MAX - 1, suppressed));
}

TEST(CallLimits, CountNoCallThatTheClientBlocks) {
  TestEngine test;
  test.expect(2);
  for (int i = 0; i < 6; ++i) {
    test.client().set_min_severity(i < 3 ? Severity::kError : Severity::kDebug);
    METLOG_EVERY_N(2, METLOG_WARN, test.client(), "call {}", i);
  }
  EXPECT_THAT(test.settle(), ElementsAre(line("call 3", "0"), line("call 5", "1")));
}

TEST(CallLimits, HoldForEventsAndCounters) {
  TestEngine test;
  test.expect(4);
  for (int i = 0; i < 4; ++i) {
    METLOG_EVERY_N(2, METLOG_EVENT, test.client(), "queue", kv("size", i));
    METLOG_EVERY_N(2, METLOG_INCR, test.client(), "full", 5);
  }
  EXPECT_THAT(
      test.settle(),
      ElementsAre(envelope("queue", 6, R"("")", R"("size":0,"suppressed":0)"),
                  envelope("counter", 6, R"("5")", R"("suppressed":0,"name":"full","rate":1.0)"),
                  envelope("queue", 6, R"("")", R"("size":2,"suppressed":1)"),
                  envelope("counter", 6, R"("5")", R"("suppressed":1,"name":"full","rate":1.0)")));
}

TEST(CallLimits, SendTheFirstCallsOfAPlace) {
  TestEngine test;
  test.expect(3);
  for (int i = 0; i < 5; ++i) {
    METLOG_FIRST_N(2, METLOG_INFO, test.client(), "first {}", i);
    METLOG_ONCE(METLOG_INFO, test.client(), "once {}", i);
  }
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("first 0")"),
                                         envelope("oldstyle", 6, R"("once 0")"),
                                         envelope("oldstyle", 6, R"("first 1")")));
}

TEST(CallLimits, SendAtMostOneCallInSomeSeconds) {
  EverySeconds limit;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken;
  constexpr std::uint64_t kSecond = 1'000'000'000;
  for (std::uint64_t tenth = 0; tenth < 100; ++tenth) {
    std::uint64_t suppressed = 0;
    if (limit.take(2.5, 70 * kSecond + tenth * kSecond / 10, suppressed)) {
      taken.emplace_back(tenth, suppressed);
    }
  }
  EXPECT_THAT(taken, ElementsAre(Pair(0, 0), Pair(25, 24), Pair(50, 24), Pair(75, 24)));
  EXPECT_EQ(limit.suppressed(), 24U);
}

TEST(CallLimits, TakeTheirSecondsFromTheSteadyClock) {
  TestEngine test;
  test.expect(3);
  for (int i = 0; i < 2; ++i) {
    METLOG_EVERY_SECONDS(std::chrono::seconds(0), METLOG_WARN, test.client(), "always");
    METLOG_EVERY_SECONDS(1e6, METLOG_WARN, test.client(), "in twelve days");
  }
  EXPECT_THAT(test.settle(),
              ElementsAre(line("always", "0"), line("in twelve days", "0"), line("always", "0")));
}

TEST(CallLimits, MayBeSharedByPlaces) {
  TestEngine test;
  test.expect(2);
  EveryNth limit;
  METLOG_WARN(limited(limit, 2, test.client()), "here");
  METLOG_WARN(limited(limit, 2, test.client()), "there");
  METLOG_WARN(limited(limit, 2, test.client()), "everywhere");
  EXPECT_THAT(test.settle(), ElementsAre(line("here", "0"), line("everywhere", "1")));
}

TEST(CallLimits, MakeACallOnACondition) {
  TestEngine test;
  test.expect(1);
  for (int i = 0; i < 3; ++i) METLOG_IF(i == 1, METLOG_INFO, test.client(), "i is {}", i);
  METLOG_IF(false, METLOG_EVERY_N, 2, METLOG_INFO, test.client(), "never");
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("i is 1")")));
}

// Every call is sent, reported as suppressed, or suppressed since the last report.
class LimitedThreads : public testing::Test {
 protected:
  static constexpr std::uint64_t kThreads = 4;
  static constexpr std::uint64_t kCalls = 20'000;

  template <class Limit, class Quantity>
  void call_from_all(Limit& limit, Quantity quantity) {
    TestEngine test({.client = {.logger = "tests", .when_full = WhenFull::kBlock}});
    {
      const Stepper stepper(test.engine());
      std::vector<std::thread> threads;
      for (std::uint64_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
          for (std::uint64_t i = 0; i < kCalls; ++i) {
            METLOG_WARN(limited(limit, quantity, test.client()), "call");
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
    for (const std::string& message : test.settle()) {
      ++sent_;
      reported_ += std::stoull(field_of(message, "suppressed"));
    }
    test.expect(sent_);
  }

  std::uint64_t sent_ = 0;
  std::uint64_t reported_ = 0;
};

TEST_F(LimitedThreads, SendExactlyOneCallInN) {
  EveryNth limit;
  call_from_all(limit, 7U);
  EXPECT_EQ(sent_, (kThreads * kCalls + 6) / 7);
  const std::uint64_t rest = (kThreads * kCalls - 1) % 7;
  EXPECT_EQ(sent_ + reported_ + rest, kThreads * kCalls);
}

TEST_F(LimitedThreads, TellExactlyWhatTheClockSuppressed) {
  EverySeconds limit;
  call_from_all(limit, 1e-9);
  EXPECT_GE(sent_, 1U);
  EXPECT_EQ(sent_ + reported_ + limit.suppressed(), kThreads * kCalls);
}

TEST_F(LimitedThreads, SendExactlyTheFirst) {
  static constinit FirstN limit;
  TestEngine test;
  test.expect(1000);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) METLOG_INFO(limited(limit, 1000, test.client()), "first");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(test.settle().size(), 1000U);
}

}  // namespace
}  // namespace metlog
