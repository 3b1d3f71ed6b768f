#include "metlog/internal/flush/flusher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"
#include "tests/support/turns.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using namespace std::chrono_literals;

std::vector<std::string> payloads_of(const std::vector<std::string>& messages) {
  std::vector<std::string> payloads;
  for (const std::string& message : messages) {
    payloads.push_back(is_loss(message) ? "lost " + std::to_string(loss_count(message)) + " " +
                                              loss_reason(message)
                                        : payload_of(message));
  }
  return payloads;
}

TEST(Flusher, MergesThreadsByTimeWithinARound) {
  TestEngine test;
  Turns turns(3);
  std::vector<std::thread> threads;
  for (int me = 0; me < 3; ++me) {
    threads.emplace_back([&, me] {
      for (int i = me; i < 300; i += 3) {
        turns.take(me, [&] { METLOG_INFO(test.log(), "{}", i); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(payloads_of(test.settle()), expected);
}

TEST(Flusher, StampsByTheClocksLine) {
  const std::uint64_t begin = ticks();
  TestEngine test({.clock = std::make_unique<FakeClock>(begin, kGoldenNs, 1'000'000'000)});
  METLOG_INFO(test.log(), "");
  const std::string message = test.settle()[0];
  // Every tick is a second here; the stamp is some of them after the beginning.
  EXPECT_EQ(message.find(kGoldenTime), std::string::npos);
  EXPECT_NE(message.find(".789012Z"), std::string::npos);
}

TEST(Flusher, CollectsBatchesAndHandsOverWhatIsLeftAtTheEndOfARound) {
  TestEngine test({.client = {.logger = "tests", .batch_bytes = 1000}});
  for (int i = 0; i < 100; ++i) METLOG_INFO(test.log(), "{}", i);
  EXPECT_THAT(test.settle(), SizeIs(100));
  EXPECT_GT(test.capture().send_calls(), 10U);
  EXPECT_LT(test.capture().send_calls(), 50U);
}

TEST(Flusher, SendsEachClientsMessagesToItsOwnDestination) {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  Client other =
      test.engine().open(std::make_unique<CaptureSender>(capture), {.logger = "other"}).value();
  for (int i = 0; i < 10; ++i) {
    METLOG_INFO(test.log(), "mine {}", i);
    METLOG_INFO(other, "other {}", i);
  }
  const std::vector<std::string> mine = test.settle();
  const std::vector<std::string> others = capture->messages();
  ASSERT_THAT(mine, SizeIs(10));
  ASSERT_THAT(others, SizeIs(10));
  EXPECT_EQ(payload_of(mine[9]), "mine 9");
  EXPECT_EQ(payload_of(others[9]), "other 9");
  EXPECT_NE(others[0].find("\"logger\":\"other\""), std::string::npos);
  EXPECT_EQ(other.close(1s).sent, 10U);
}

TEST(Flusher, KeepsTheBatchOfABusySender) {
  TestEngine test;
  test.capture().script({Capture::busy(), Capture::busy(1), Capture::busy()});
  for (int i = 0; i < 4; ++i) METLOG_INFO(test.log(), "{}", i);
  test.engine().step();
  EXPECT_THAT(test.capture().messages(), SizeIs(0));
  test.engine().step();
  EXPECT_THAT(test.capture().messages(), SizeIs(1));
  EXPECT_EQ(test.client().stats().pending, 4U) << "a batch is accounted for as a whole";
  test.engine().step();
  METLOG_INFO(test.log(), "4");
  EXPECT_THAT(payloads_of(test.settle()), ElementsAre("0", "1", "2", "3", "4"));
}

TEST(Flusher, ReportsInTheStreamWhatASenderLost) {
  TestEngine test;
  test.capture().script({Capture::lost(LossReason::kNoReceiver, 1), Capture::sent(),
                         Capture::lost(LossReason::kRefused)});
  for (int i = 0; i < 4; ++i) METLOG_INFO(test.log(), "{}", i);
  test.settle();
  EXPECT_THAT(payloads_of(test.capture().messages()), ElementsAre("0", "lost 3 no_receiver"));
  METLOG_INFO(test.log(), "4");
  EXPECT_THAT(payloads_of(test.settle()), ElementsAre("0", "lost 3 no_receiver", "lost 1 refused"));
  const Ledger ledger = test.client().stats();
  EXPECT_EQ(ledger.lost[LossReason::kNoReceiver], 3U);
  EXPECT_EQ(ledger.lost[LossReason::kRefused], 1U);
  EXPECT_EQ(ledger.marks, 2U);
}

TEST(Flusher, CallsNothingSettledThatABusySenderStillHolds) {
  TestEngine test({.client = {.logger = "tests", .batch_bytes = 500, .batch_count = 2}});
  test.capture().script(std::vector<Capture::Answer>(20, Capture::busy()));
  for (int i = 0; i < 50; ++i) METLOG_INFO(test.log(), "{}", i);
  test.engine().step();
  EXPECT_FALSE(test.client().flush(0s));
  const Ledger stuck = test.client().stats();
  EXPECT_GT(stuck.pending, 0U);
  EXPECT_GT(stuck.unexplained(), 0) << "the rest is still in the ring";
  EXPECT_TRUE(test.client().flush(60s));
  EXPECT_EQ(test.client().stats().sent, 50U);
}

TEST(Flusher, FlushesAClientWhileAnothersDestinationIsStuck) {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  capture->script(std::vector<Capture::Answer>(100'000, Capture::busy()));
  Client stuck = test.engine().open(std::make_unique<CaptureSender>(capture)).value();
  METLOG_INFO(stuck, "never");
  METLOG_INFO(test.log(), "at once");
  std::uint64_t calls = capture->send_calls();
  EXPECT_TRUE(test.client().flush(5s));
  EXPECT_LT(capture->send_calls() - calls, 100U) << "the flush did not wait for the other client";
  EXPECT_THAT(payloads_of(test.capture().messages()), ElementsAre("at once"));
  const Receipt receipt = stuck.close(0s);
  EXPECT_EQ(receipt.lost, 1U);
}

TEST(Flusher, GivesUpRecordsOfAStuckDestinationForThoseOfOthers) {
  constexpr std::uint64_t kCalls = 50;
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  capture->script(std::vector<Capture::Answer>(1'000'000, Capture::busy()));
  Client stuck =
      test.engine()
          .open(std::make_unique<CaptureSender>(capture), {.batch_bytes = 100, .batch_count = 1})
          .value();
  for (std::uint64_t i = 0; i < kCalls; ++i) {
    METLOG_INFO(stuck, "never");
    METLOG_INFO(test.log(), "in time");
  }
  EXPECT_TRUE(test.client().flush(30s));
  EXPECT_EQ(test.client().stats().sent, kCalls);
  const Ledger given_up = stuck.stats();
  EXPECT_EQ(given_up.emitted, kCalls);
  EXPECT_EQ(given_up.pending, 1U) << "what the sender holds stays with it";
  EXPECT_EQ(given_up.lost[LossReason::kQueueFull], kCalls - 1);
  EXPECT_EQ(given_up.unexplained(), 0);
  stuck.close(0s);
  EXPECT_EQ(stuck.stats().unexplained(), 0);
}

TEST(Flusher, HoldsTheRingForAStuckDestinationWhosePolicyIsToBlock) {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  capture->script(std::vector<Capture::Answer>(1'000'000, Capture::busy()));
  Client stuck = test.engine()
                     .open(std::make_unique<CaptureSender>(capture),
                           {.when_full = WhenFull::kBlock, .batch_bytes = 100, .batch_count = 1})
                     .value();
  METLOG_INFO(stuck, "one");
  METLOG_INFO(stuck, "two");
  METLOG_INFO(test.log(), "after them");
  EXPECT_FALSE(test.client().flush(200ms));
  EXPECT_EQ(stuck.stats().lost.total(), 0U);
  stuck.close(0s);
  EXPECT_EQ(stuck.stats().lost[LossReason::kExpired], 2U);
  EXPECT_TRUE(test.client().flush(30s));
  EXPECT_EQ(test.client().stats().sent, 1U);
}

TEST(Flusher, SkipsTheRecordsOfAClosedClient) {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  capture->script(std::vector<Capture::Answer>(100'000, Capture::busy()));
  Client closed =
      test.engine()
          .open(std::make_unique<CaptureSender>(capture), {.batch_bytes = 100, .batch_count = 1})
          .value();
  for (int i = 0; i < 10; ++i) {
    METLOG_INFO(closed, "{}", i);
    METLOG_INFO(test.log(), "{}", i);
  }
  const Receipt receipt = closed.close(0s);
  EXPECT_EQ(receipt.sent, 0U);
  EXPECT_EQ(receipt.lost, 10U);
  EXPECT_EQ(closed.stats().lost[LossReason::kExpired], 10U);
  EXPECT_THAT(test.settle(), SizeIs(10));
}

}  // namespace
}  // namespace metlog
