// Full rings: exact counts, and a loss mark at the place of the missing messages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/stepper.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

constexpr std::size_t kSmallRing = 4096;  // 64 cells: 56 - 1 of them for normal priority

TestEngineOptions small_ring(WhenFull when_full, std::uint64_t grow_limit_bytes = 0) {
  return {
      .client = {.logger = "tests", .when_full = when_full, .grow_limit_bytes = grow_limit_bytes},
      .engine = {.ring_bytes = kSmallRing, .session_directory = "none"}};
}

/// Returns the numbers in the messages; a loss mark as minus its count.
std::vector<int> numbers_of(const std::vector<std::string>& messages) {
  std::vector<int> numbers;
  for (const std::string& message : messages) {
    numbers.push_back(is_loss(message) ? -static_cast<int>(loss_count(message))
                                       : std::stoi(payload_of(message)));
  }
  return numbers;
}

std::vector<int> range(int begin, int end) {
  std::vector<int> numbers;
  for (int i = begin; i < end; ++i) numbers.push_back(i);
  return numbers;
}

void append(std::vector<int>& to, const std::vector<int>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

TEST(FullRing, DropsAndMarksThePlaceWhereMessagesAreMissing) {
  TestEngine test(small_ring(WhenFull::kDrop));
  std::vector<int> expected;
  for (int round = 0; round < 50; ++round) {
    const int begin = round * 100;
    for (int i = begin; i < begin + 100; ++i) METLOG_INFO(test.log(), "{}", i);
    test.settle();
    METLOG_INFO(test.log(), "{}", begin + 100);
    const int kept = 55;  // of 64 cells, an eighth is for high priority and one for a last mark
    const int lost = 100 - kept;
    append(expected, range(begin, begin + kept));
    append(expected, {-lost, begin + 100});
    test.settle();
    ASSERT_EQ(numbers_of(test.capture().messages()), expected) << "round " << round;
  }
}

TEST(FullRing, TellsWhenTheFirstAndTheLastWereLost) {
  const std::uint64_t begin = ticks();
  TestEngineOptions options = small_ring(WhenFull::kDrop);
  options.clock = std::make_unique<FakeClock>(begin, 0, 1000);
  TestEngine test(std::move(options));
  for (int i = 0; i < 56; ++i) METLOG_INFO(test.log(), "{}", i);
  test.settle();
  METLOG_INFO(test.log(), "56");
  const std::string one = test.settle()[55];
  EXPECT_EQ(field_of(one, "first"), field_of(one, "last"));
  for (int i = 0; i < 100; ++i) METLOG_INFO(test.log(), "{}", i);
  test.settle();
  METLOG_INFO(test.log(), "57");
  const std::string many = test.settle()[57 + 55];
  ASSERT_TRUE(is_loss(many));
  EXPECT_GT(field_of(many, "first"), field_of(one, "last"));
  EXPECT_LT(field_of(many, "first"), field_of(many, "last"));
}

TEST(FullRing, KeepsRoomForWarnings) {
  TestEngine test(small_ring(WhenFull::kDrop));
  for (int i = 0; i < 100; ++i) METLOG_INFO(test.log(), "{}", i);
  METLOG_WARN(test.log(), "{}", 1000);
  METLOG_ERROR(test.log(), "{}", 1001);
  test.log().critical("1002");
  METLOG_NOTICE(test.log(), "{}", 2000);
  METLOG_EMERGENCY(test.log(), "{}", 1003);
  std::vector<int> expected = range(0, 55);
  append(expected, {-45, 1000, 1001, 1002, -1, 1003});
  test.settle();
  EXPECT_EQ(numbers_of(test.capture().messages()), expected);
}

TEST(FullRing, MarksTheLossesOfEveryClientInItsOwnStream) {
  TestEngine test(small_ring(WhenFull::kDrop));
  const auto capture = std::make_shared<Capture>();
  Client other = test.engine().open(std::make_unique<CaptureSender>(capture)).value();
  for (int i = 0; i < 60; ++i) {
    METLOG_INFO(test.log(), "{}", i);
    METLOG_INFO(other, "{}", i);
  }
  test.settle();
  METLOG_INFO(test.log(), "{}", 60);
  test.settle();
  std::vector<int> mine = range(0, 28);
  append(mine, {-32, 60});
  EXPECT_EQ(numbers_of(test.capture().messages()), mine);
  std::vector<int> others = range(0, 27);
  append(others, {-33});
  EXPECT_EQ(numbers_of(capture->messages()), others);
  EXPECT_EQ(other.stats().unexplained(), 0);
  EXPECT_EQ(other.close(std::chrono::seconds(1)).lost, 33U);
}

/// Expects that a thread's rings hold `kept` of 1,000 numbers within a limit of bytes.
void expect_kept(std::uint64_t grow_limit_bytes, int kept) {
  TestEngine test(small_ring(WhenFull::kGrow, grow_limit_bytes));
  for (int i = 0; i < 1000; ++i) METLOG_INFO(test.log(), "{}", i);
  test.settle();
  METLOG_INFO(test.log(), "{}", 1000);
  test.settle();
  std::vector<int> expected = range(0, kept);
  append(expected, {kept - 1000, 1000});
  EXPECT_EQ(numbers_of(test.capture().messages()), expected);
}

TEST(FullRing, GrowsInOrderUpToItsBoundAndThenDrops) {
  // 4 KiB, 8 KiB and 16 KiB with a header each.
  constexpr std::uint64_t kThreeRings = (4096 + 4096) + (8192 + 4096) + (16384 + 4096);
  expect_kept(kThreeRings, 55 + 111 + 223);
  expect_kept(kThreeRings - 1, 55 + 111);
  expect_kept(0, 55);
}

// Nothing but the order of the rings says what came first.
TEST(FullRing, GrowsInOrderWithoutStampsToo) {
  TestEngineOptions options = small_ring(WhenFull::kGrow, std::uint64_t{1} << 20);
  options.client.stamped_by = StampedBy::kFlusher;
  TestEngine test(std::move(options));
  for (int i = 0; i < 1500; ++i) METLOG_INFO(test.log(), "{}", i);
  test.settle();
  EXPECT_EQ(numbers_of(test.capture().messages()), range(0, 1500));
}

TEST(FullRing, GrowsAndFlushesEverythingThatWasEmittedBefore) {
  TestEngine test(small_ring(WhenFull::kGrow, std::uint64_t{1} << 20));
  for (int i = 0; i < 1500; ++i) METLOG_INFO(test.log(), "{}", i);
  EXPECT_TRUE(test.client().flush(std::chrono::seconds(60)));
  EXPECT_EQ(test.client().stats().sent, 1500U);
  EXPECT_EQ(numbers_of(test.capture().messages()), range(0, 1500));
}

TEST(FullRing, GrowsAndKeepsItsConnection) {
  TestEngine test(small_ring(WhenFull::kDrop));
  std::vector<std::shared_ptr<Capture>> captures;
  const auto connect = [&captures]() -> absl::StatusOr<std::unique_ptr<Sender>> {
    captures.push_back(std::make_shared<Capture>());
    return std::make_unique<CaptureSender>(captures.back());
  };
  Client pooled = test.engine()
                      .open(connect, {.when_full = WhenFull::kGrow,
                                      .grow_limit_bytes = std::uint64_t{1} << 20,
                                      .pool_size = 4})
                      .value();
  for (int i = 0; i < 1500; ++i) METLOG_INFO(pooled, "{}", i);
  test.settle();
  std::size_t used = 0;
  for (const auto& capture : captures) {
    if (capture->messages().empty()) continue;
    ++used;
    EXPECT_EQ(numbers_of(capture->messages()), range(0, 1500));
  }
  EXPECT_EQ(used, 1U) << "the rings of a thread are one thread's";
  EXPECT_EQ(pooled.close(std::chrono::seconds(1)).sent, 1500U);
  EXPECT_EQ(pooled.stats().unexplained(), 0);
}

TEST(FullRing, GrownForOneClientMarksWhatAnotherLostBefore) {
  TestEngine test(small_ring(WhenFull::kDrop));
  const auto capture = std::make_shared<Capture>();
  Client grower = test.engine()
                      .open(std::make_unique<CaptureSender>(capture),
                            {.when_full = WhenFull::kGrow, .grow_limit_bytes = 1 << 20})
                      .value();
  for (int i = 0; i < 55; ++i) METLOG_INFO(test.log(), "{}", i);
  for (int i = 0; i < 8; ++i) METLOG_WARN(test.log(), "{}", 100 + i);
  for (int i = 0; i < 3; ++i) METLOG_WARN(test.log(), "lost");
  METLOG_WARN(grower, "0");
  METLOG_INFO(test.log(), "{}", 200);
  test.settle();
  std::vector<int> expected = range(0, 55);
  append(expected, range(100, 108));
  append(expected, {-3, 200});
  EXPECT_EQ(numbers_of(test.capture().messages()), expected);
  EXPECT_EQ(numbers_of(capture->messages()), range(0, 1));
  EXPECT_EQ(grower.close(std::chrono::seconds(1)).lost, 0U);
}

TEST(FullRing, BlocksUntilThereIsRoomAndLosesNothing) {
  TestEngine test(small_ring(WhenFull::kBlock));
  {
    const Stepper stepper(test.engine());
    for (int i = 0; i < 20'000; ++i) METLOG_INFO(test.log(), "{}", i);
  }
  test.settle();
  EXPECT_EQ(numbers_of(test.capture().messages()), range(0, 20'000));
}

TEST(FullRing, IsCountedForThreadsThatFindNoRingAtAll) {
  TestEngineOptions options = small_ring(WhenFull::kDrop);
  options.engine.max_ring_bytes = kSmallRing + 4096;
  options.engine.spare_rings = 1;
  TestEngine test(std::move(options));
  METLOG_INFO(test.log(), "1");
  std::thread([&] {
    for (int i = 0; i < 10; ++i) METLOG_INFO(test.log(), "{}", i);
  }).join();
  test.settle();
  const Ledger ledger = test.client().stats();
  EXPECT_EQ(ledger.emitted, 11U);
  EXPECT_EQ(ledger.lost[LossReason::kNoRing], 10U);
}

void lose_for_want_of_a_ring() {
  TestEngineOptions options = small_ring(WhenFull::kDrop);
  options.engine.max_ring_bytes = kSmallRing + 4096;
  options.engine.spare_rings = 1;
  TestEngine test(std::move(options));
  METLOG_INFO(test.log(), "1");
  std::thread([&] { METLOG_INFO(test.log(), "lost"); }).join();
  EXPECT_THAT(test.settle(), testing::Contains(testing::HasSubstr("\"reason\":\"no_ring\"")))
      << "in the stream, before the client is closed";
}

TEST(FullRing, ThatNoThreadGetsIsToldAtOnce) {
  // In a process of its own, since standard error hears of it every 10 seconds only.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        lose_for_want_of_a_ring();
        std::_Exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "lost, and counted as no_ring.*max_ring_bytes");
}

TEST(FullRing, ThatNoThreadGetsIsWaitedForByAClientThatBlocks) {
  TestEngineOptions options = small_ring(WhenFull::kBlock);
  options.engine.max_ring_bytes = kSmallRing + 4096;
  options.engine.spare_rings = 1;
  options.threads = Engine::Threads::kOwn;
  TestEngine test(std::move(options));
  std::atomic<bool> has_ring{false};
  std::atomic<bool> may_end{false};
  std::thread first([&] {
    METLOG_INFO(test.log(), "0");
    has_ring = true;
    while (!may_end) std::this_thread::yield();
  });
  while (!has_ring) std::this_thread::yield();
  std::thread second([&] {
    for (int i = 1; i < 10; ++i) METLOG_INFO(test.log(), "{}", i);
  });
  may_end = true;
  first.join();
  second.join();
  ASSERT_TRUE(test.client().flush(std::chrono::seconds(10)));
  EXPECT_EQ(numbers_of(test.capture().messages()), range(0, 10));
  EXPECT_EQ(test.client().stats().lost.total(), 0U);
}

}  // namespace
}  // namespace metlog
