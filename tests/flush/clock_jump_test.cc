// The system clock is set while messages are logged.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/flush/timeline.h"
#include "tests/support/fake_clock.h"
#include "tests/support/lines.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;

std::string minute_of(const std::string& message) {
  return message.substr(message.find("\"timestamp\":\"") + 13 + 11, 5);
}

/// An engine whose clock stands still until it is set; a message's text and minute.
class ClockJump : public testing::TestWithParam<StampedBy> {
 protected:
  TestEngineOptions options(MessageFormat format = MessageFormat::kJson) {
    TestEngineOptions options;
    options.client.stamped_by = GetParam();
    options.client.format = format;
    auto clock = std::make_unique<FakeClock>();
    clock_ = clock.get();
    options.clock = std::move(clock);
    return options;
  }
  static std::vector<std::string> seen(const std::vector<std::string>& messages) {
    std::vector<std::string> seen;
    for (const std::string& message : messages) {
      seen.push_back((is_clock(message) ? "jump" : payload_of(message)) + " " + minute_of(message));
    }
    return seen;
  }

  FakeClock* clock_ = nullptr;
};

TEST_P(ClockJump, BackIsFollowedAtOnceAndMarkedBetweenTheMessages) {
  TestEngine test(options());
  METLOG_INFO(test.log(), "a");
  test.settle();
  METLOG_INFO(test.log(), "b");
  clock_->set_by(-kHour);
  test.settle();
  METLOG_INFO(test.log(), "c");
  const std::vector<std::string> messages = test.settle();
  EXPECT_THAT(seen(messages), ElementsAre("a 12:34", "b 12:34", "jump 11:34", "c 11:34"));
  ASSERT_THAT(messages, SizeIs(4));
  EXPECT_EQ(payload_of(messages[2]), "the clock was set back by 3600.000000 s");
  EXPECT_EQ(field_of(messages[2], "from"), "\"2013-01-18T12:34:56.789012Z\"");
  EXPECT_EQ(field_of(messages[2], "to"), "\"2013-01-18T11:34:56.789012Z\"");
  EXPECT_EQ(field_of(messages[2], "seconds"), "-3600.0");
  EXPECT_THAT(field_of(messages[2], "session"), SizeIs(34));
  EXPECT_NE(messages[2].find("\"severity\":5,"), std::string::npos);
  EXPECT_EQ(test.client().stats().marks, 1U);
}

TEST_P(ClockJump, ForwardIsFollowedAndMarkedAsText) {
  TestEngine test(options(MessageFormat::kText));
  METLOG_INFO(test.log(), "a");
  test.settle();
  clock_->set_by(kHour + 12'345);
  METLOG_INFO(test.log(), "b");
  test.settle();
  METLOG_INFO(test.log(), "c");
  const std::vector<std::string> lines = test.settle();
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines[1], "2013-01-18T12:34:56.789012Z INFO   tests: b");
  EXPECT_EQ(lines[2].substr(0, 92),
            "2013-01-18T13:34:56.789024Z NOTICE tests: metlog.clock the clock was set forward by "
            "3600.000");
  EXPECT_EQ(lines[3], "2013-01-18T13:34:56.789024Z INFO   tests: c");
}

// A slewed clock, and one whose error is corrected.
TEST_P(ClockJump, BelowATenthOfASecondIsNone) {
  TestEngine test(options());
  for (const std::int64_t ns : {-99 * kSecond / 1000, 99 * kSecond / 1000}) {
    METLOG_INFO(test.log(), "a");
    clock_->set_by(ns);
    test.settle();
  }
  EXPECT_THAT(seen(test.settle()), ElementsAre("a 12:34", "a 12:34"));
}

TEST_P(ClockJump, BackAndForthIsMarkedEachTime) {
  TestEngine test(options());
  for (const std::int64_t ns : {-kHour, kHour, -2 * kHour}) {
    METLOG_INFO(test.log(), "a");
    test.settle();
    clock_->set_by(ns);
    test.settle();
  }
  EXPECT_THAT(seen(test.settle()), ElementsAre("a 12:34", "jump 11:34", "a 11:34", "jump 12:34",
                                               "a 12:34", "jump 10:34"));
}

TEST_P(ClockJump, IsToldAgainWhenItsMessageIsLost) {
  TestEngine test(options());
  METLOG_INFO(test.log(), "a");
  test.settle();
  clock_->set_by(-kHour);
  test.capture().script({Capture::lost(LossReason::kRefused)});
  test.engine().step();
  clock_->set_by(-kHour);
  METLOG_INFO(test.log(), "b");
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(seen(messages), ElementsAre("a 12:34", "b 11:34", "jump 10:34"));
  EXPECT_EQ(field_of(messages[2], "seconds"), "-7200.0");
}

INSTANTIATE_TEST_SUITE_P(StampedBy, ClockJump,
                         testing::Values(StampedBy::kCaller, StampedBy::kFlusher));

// Several threads, of which each has its own idea of the last time: ticks decide on the order.
TEST(ClockJumps, KeepTheOrderOfEachThreadAndOfTheTicks) {
  auto owned = std::make_unique<FakeClock>(steady_ticks(), kGoldenNs, 1);
  FakeClock& clock = *owned;
  TestEngineOptions options;
  options.clock = std::move(owned);
  TestEngine test(std::move(options));
  const auto log_from_a_thread = [&test](int i) {
    std::thread([&] { METLOG_INFO(test.log(), "{}", i); }).join();
  };
  for (int i = 0; i < 60; ++i) {
    if (i % 2 == 0) METLOG_INFO(test.log(), "{}", i);
    if (i % 2 != 0) log_from_a_thread(i);
    if (i % 20 == 10) clock.set_by(-kHour);
    if (i % 7 == 0) test.engine().step();
  }
  int next = 0;
  int jumps = 0;
  std::string last;
  for (const std::string& message : test.settle()) {
    const std::size_t at = message.find("\"timestamp\":\"") + 13;
    const std::string time = message.substr(at, 27);
    if (is_clock(message)) {
      ++jumps;
      EXPECT_LT(time, last) << "here, and only here, time runs back";
    } else {
      EXPECT_GE(time, last);
      EXPECT_EQ(payload_of(message), std::to_string(next++));
    }
    last = time;
  }
  EXPECT_EQ(next, 60);
  EXPECT_EQ(jumps, 3);
}

// A record that waits in its ring across the jump keeps the time that the clock showed.
TEST(ClockJumps, ChangeNothingAboutWhatWasStampedBefore) {
  auto owned = std::make_unique<FakeClock>();
  FakeClock& clock = *owned;
  TestEngineOptions options;
  options.clock = std::move(owned);
  options.client.batch_bytes = 1;
  options.client.batch_count = 1;
  TestEngine test(std::move(options));
  test.capture().script(std::vector(100, Capture::busy()));
  for (const char* const text : {"a", "b", "c"}) METLOG_INFO(test.log(), "{}", text);
  test.engine().step();
  clock.set_by(-kHour);
  test.engine().step();
  METLOG_INFO(test.log(), "d");
  std::vector<std::string> seen;
  while (seen.size() < 5) {
    seen.clear();
    test.engine().step();
    for (const std::string& message : test.capture().messages()) {
      seen.push_back((is_clock(message) ? "jump" : payload_of(message)) + " " + minute_of(message));
    }
  }
  std::erase(seen, "jump 11:34");  // it found room as soon as there was any
  EXPECT_THAT(seen, ElementsAre("a 12:34", "b 12:34", "c 12:34", "d 11:34"));
}

TEST(Timeline, CallsNoSlewedClockAJumpHoweverRarelyItLooks) {
  constexpr std::uint64_t kOne = std::uint64_t{1} << 32;  // a tick is a nanosecond
  Timeline time({0, 0, kOne}, 0);
  const auto an_hour = static_cast<std::uint64_t>(kHour);
  // 10 % fast for an hour.
  EXPECT_FALSE(time.jump_to({an_hour, kHour + kHour / 10, kOne}, an_hour).has_value());
  time.follow({an_hour, kHour + kHour / 10, kOne}, an_hour);
  EXPECT_TRUE(time.jump_to({an_hour, kHour, kOne}, an_hour + 500'000'000).has_value());
}

/// The largest error of a line that is fitted to a clock which runs fast by parts in a million.
std::int64_t largest_error(std::int64_t fast_ppm) {
  constexpr std::uint64_t kTicksPerSecond = 3'000'000'000;
  const auto reading_at = [&](std::uint64_t ticks) {
    const auto steady_ns = static_cast<std::int64_t>(ticks / 3);
    return ClockReading{ticks, kGoldenNs + steady_ns + steady_ns / 1'000'000 * fast_ppm, steady_ns};
  };
  ClockFit fit(reading_at(0), reading_at(kTicksPerSecond / 100));
  std::int64_t largest = 0;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const std::uint64_t at = i * kTicksPerSecond / 2;
    const std::int64_t before_ns = fit.line().utc_ns(at);
    largest = std::max(largest, std::abs(reading_at(at).utc_ns - before_ns));
    fit.add(reading_at(at));
    EXPECT_EQ(fit.line().utc_ns(at), before_ns) << "no jump, at reading " << i;
  }
  return largest;
}

TEST(ClockFit, CorrectsSmallErrorsTowardsTheClock) {
  // Half a second's error, and no more: each correction takes back what was found.
  EXPECT_LT(largest_error(0), 1'000);
  EXPECT_LT(largest_error(100), 60'000);
  EXPECT_LT(largest_error(-100), 60'000);
}

TEST(ClockFit, FollowsAClockThatWasSetAtItsNextReading) {
  ClockFit fit({0, kGoldenNs, 0}, {10'000'000, kGoldenNs + 10'000'000, 10'000'000});
  fit.add({500'000'000, kGoldenNs + 500'000'000 - kHour, 500'000'000});
  EXPECT_EQ(fit.line().utc_ns(500'000'000), kGoldenNs + 500'000'000 - kHour);
}

}  // namespace
}  // namespace metlog
