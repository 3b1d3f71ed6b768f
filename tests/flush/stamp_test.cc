// The two ways to take the time stamp, and their effects.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::SizeIs;

constexpr std::uint64_t kNsPerTick = 1000;  // one tick shows as one microsecond

ClientOptions stamped_by(StampedBy by) {
  ClientOptions options{.logger = "tests"};
  options.stamped_by = by;
  return options;
}

TestEngineOptions ticking(StampedBy by) {
  TestEngineOptions options;
  options.client = stamped_by(by);
  options.clock = std::make_unique<FakeClock>(steady_ticks(), kGoldenNs, kNsPerTick);
  return options;
}

// Strings of one format, so that their order is that of the times.
std::string time_of(const std::string& message) {
  const std::size_t at = message.find("\"timestamp\":\"");
  return message.substr(at + 13, 27);
}

TEST(Stamp, IsOfTheCallUnlessTheFlusherTakesIt) {
  TestEngine test(ticking(StampedBy::kCaller));
  const auto capture = std::make_shared<Capture>();
  Client unstamped =
      test.engine()
          .open(std::make_unique<CaptureSender>(capture), stamped_by(StampedBy::kFlusher))
          .value();
  METLOG_INFO(unstamped, "first");
  unstamped.info("of a function");
  unstamped.incr("orders");
  METLOG_INFO(test.log(), "last");
  const std::vector<std::string> stamped = test.settle();
  const std::vector<std::string> found = capture->messages();
  ASSERT_THAT(stamped, SizeIs(1));
  ASSERT_THAT(found, SizeIs(3));
  for (const std::string& message : found) EXPECT_GT(time_of(message), time_of(stamped[0]));
  EXPECT_EQ(unstamped.close(std::chrono::seconds(10)).sent, 3U);
}

TEST(Stamp, OfTheFlusherNeverGoesBackAndKeepsTheOrder) {
  TestEngine test(ticking(StampedBy::kFlusher));
  constexpr int kCalls = 1000;
  for (int i = 0; i < kCalls; ++i) METLOG_INFO(test.log(), "{}", i);
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(kCalls));
  for (int i = 0; i < kCalls; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ASSERT_EQ(payload_of(messages[at]), std::to_string(i));
    ASSERT_GE(time_of(messages[at]), time_of(messages[at == 0 ? 0 : at - 1]));
  }
}

TEST(Stamp, OfATimerIsItsEndInBothCases) {
  TestEngine test(ticking(StampedBy::kFlusher));
  { METLOG_TIMER(test.log(), "db.query"); }
  METLOG_INFO(test.log(), "after");
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_LT(time_of(messages[0]), time_of(messages[1]));
}

TEST(Stamp, OfALossIsWhenItHappened) {
  TestEngineOptions options = ticking(StampedBy::kFlusher);
  options.engine.ring_bytes = 4096;
  TestEngine test(std::move(options));
  for (int i = 0; i < 200; ++i) METLOG_INFO(test.log(), "{}", i);
  const std::string room_made = time_of(test.settle().back());
  METLOG_INFO(test.log(), "room again");
  std::uint64_t lost = 0;
  for (const std::string& message : test.settle()) {
    if (!is_loss(message)) continue;
    lost += loss_count(message);
    EXPECT_LE(field_of(message, "first"), field_of(message, "last"));
    EXPECT_LT(field_of(message, "last").substr(1), room_made);
  }
  EXPECT_EQ(lost, test.client().stats().lost[LossReason::kRingFull]);
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace metlog
