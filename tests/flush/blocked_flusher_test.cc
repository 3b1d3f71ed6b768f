// A filter that does not return: what other threads ask and close meanwhile is answered
// within its limit, with books that balance, and nothing that was called lost arrives later.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/barrier.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Far more than any limit here, and less than for ever.
constexpr auto kBounded = 10s;

Engine::Parts parts(Engine::Threads threads) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = threads;
  return parts;
}

/// An engine whose flusher is inside a filter of the client "slow", which has logged one message.
class BlockedFlusher : public testing::Test {
 protected:
  explicit BlockedFlusher(Engine::Threads threads = Engine::Threads::kOwn)
      : engine_(parts(threads)) {
    slow_.emplace(
        engine_
            .open(std::make_unique<CaptureSender>(slow_capture_),
                  {.logger = "slow",
                   .filters = {Filter("held", [this](Message&) { return barrier_.pass(), true; })}})
            .value());
  }
  ~BlockedFlusher() override { barrier_.open(); }

  void block() {
    METLOG_INFO(*slow_, "first");
    barrier_.wait_for_one();
  }
  /// A client that nothing holds up.
  Client open(const std::shared_ptr<Capture>& capture) {
    return engine_
        .open(std::make_unique<CaptureSender>(capture), {.logger = "quick", .close_limit = 50ms})
        .value();
  }
  static std::vector<std::string> user_messages(Capture& capture) {
    std::vector<std::string> messages = capture.messages();
    std::erase_if(messages, [](const std::string& message) { return is_loss(message); });
    return messages;
  }

  Barrier barrier_;
  std::shared_ptr<Capture> slow_capture_ = std::make_shared<Capture>();
  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Engine engine_;
  std::optional<Client> slow_;
};

TEST_F(BlockedFlusher, AnswersWithTheAccountsOfAllClients) {
  Client quick = open(capture_);
  METLOG_INFO(quick, "before");
  ASSERT_TRUE(quick.flush(60s));
  block();
  METLOG_INFO(quick, "in a ring");
  EXPECT_EQ(quick.stats().emitted, 2U);
  EXPECT_EQ(quick.stats().sent, 1U);
  EXPECT_EQ(quick.stats().unexplained(), 1);
  EXPECT_EQ(slow_->stats().unexplained(), 1);
  barrier_.open();
  EXPECT_TRUE(quick.flush(60s));
  EXPECT_EQ(quick.stats().sent, 2U);
  EXPECT_EQ(quick.stats().unexplained(), 0);
  EXPECT_TRUE(slow_->flush(60s));
  EXPECT_EQ(slow_->stats().sent, 1U);
}

TEST_F(BlockedFlusher, FlushesWithinTheLimit) {
  Client quick = open(capture_);
  block();
  METLOG_INFO(quick, "in a ring");
  const auto begin = steady_clock::now();
  EXPECT_FALSE(quick.flush(50ms));
  EXPECT_FALSE(slow_->flush(50ms));
  EXPECT_LT(steady_clock::now() - begin, kBounded);
}

TEST_F(BlockedFlusher, ClosesAnotherClientWithinTheLimitAndSendsNothingOfItLater) {
  Client quick = open(capture_);
  METLOG_INFO(quick, "sent");
  ASSERT_TRUE(quick.flush(60s));
  block();
  for (int i = 0; i < 10; ++i) METLOG_INFO(quick, "{}", i);
  const auto begin = steady_clock::now();
  const Receipt receipt = quick.close(50ms);
  EXPECT_LT(steady_clock::now() - begin, kBounded);
  EXPECT_EQ(receipt.sent, 1U);
  EXPECT_EQ(receipt.lost, 10U);
  EXPECT_EQ(receipt.handover, Handover::kNone);
  EXPECT_EQ(quick.stats().lost[LossReason::kExpired], 10U);
  EXPECT_EQ(quick.stats().unexplained(), 0);
  barrier_.open();
  ASSERT_TRUE(slow_->flush(60s));
  EXPECT_THAT(user_messages(*capture_), SizeIs(1));
  EXPECT_EQ(quick.stats().lost.total(), 10U);
}

TEST_F(BlockedFlusher, ClosesTheClientOfTheFilterAndNeverStartsItAgain) {
  block();
  for (int i = 0; i < 10; ++i) METLOG_INFO(*slow_, "{}", i);
  const Receipt receipt = slow_->close(50ms);
  EXPECT_EQ(receipt.lost, 11U);
  EXPECT_EQ(slow_->stats().unexplained(), 0);
  barrier_.open();
  Client quick = open(capture_);
  METLOG_INFO(quick, "after");
  ASSERT_TRUE(quick.flush(60s));
  EXPECT_EQ(barrier_.arrived(), 1);
  EXPECT_THAT(user_messages(*slow_capture_), IsEmpty());
}

TEST_F(BlockedFlusher, DestroysAClientWithinItsCloseLimit) {
  std::optional<Client> quick(open(capture_));
  block();
  METLOG_INFO(*quick, "in a ring");
  const auto begin = steady_clock::now();
  quick.reset();
  EXPECT_LT(steady_clock::now() - begin, kBounded);
}

TEST_F(BlockedFlusher, GivesTheSlotsOfClosedClientsBack) {
  block();
  for (int i = 0; i < 10; ++i) {
    Client quick = open(capture_);
    METLOG_INFO(quick, "{}", i);
    EXPECT_EQ(quick.close(0ms).lost, 1U);
  }
  barrier_.open();
  ASSERT_TRUE(slow_->flush(60s));
  EXPECT_THAT(user_messages(*capture_), IsEmpty());
  // All but the one of "slow".
  for (std::size_t i = 1; i < kClientSlots; ++i) {
    Client quick = open(capture_);
    METLOG_INFO(quick, "again");
    const Receipt receipt = quick.close(60s);
    EXPECT_EQ(receipt.sent, 1U) << i;
    EXPECT_EQ(receipt.lost, 0U) << i;
  }
}

TEST_F(BlockedFlusher, OpensAClientWhoseFirstMessagesArriveAfterwards) {
  block();
  Client quick = open(capture_);
  for (int i = 0; i < 10; ++i) METLOG_INFO(quick, "{}", i);
  EXPECT_EQ(quick.stats().unexplained(), 10);
  barrier_.open();
  EXPECT_EQ(quick.close(60s).sent, 10U);
  EXPECT_THAT(capture_->messages(), SizeIs(10));
}

TEST_F(BlockedFlusher, SaysWhoseFilterKeepsAClientFromBeingReconfigured) {
  Client quick = open(capture_);
  block();
  METLOG_INFO(quick, "before");
  const auto other = std::make_shared<Capture>();
  const absl::Status status = Engine::reconfigure(quick, std::make_unique<CaptureSender>(other));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("a filter or formatter of the client 'slow' runs"));
  METLOG_INFO(quick, "after");
  barrier_.open();
  EXPECT_EQ(quick.close(60s).sent, 2U);
  EXPECT_THAT(capture_->messages(), SizeIs(2));
  EXPECT_THAT(other->messages(), IsEmpty());
}

class BlockedStepper : public BlockedFlusher {
 protected:
  BlockedStepper() : BlockedFlusher(Engine::Threads::kNone) {}
};

TEST_F(BlockedStepper, ClosesAnotherClientWithinTheLimitAndSendsNothingOfItLater) {
  Client quick = open(capture_);
  METLOG_INFO(*slow_, "first");
  METLOG_INFO(quick, "in a ring");
  std::thread stepping([this] { engine_.step(); });
  barrier_.wait_for_one();
  EXPECT_FALSE(quick.flush(50ms));
  EXPECT_EQ(quick.close(50ms).lost, 1U);
  EXPECT_EQ(quick.stats().unexplained(), 0);
  barrier_.open();
  stepping.join();
  step_until_quiet(engine_);
  EXPECT_THAT(user_messages(*capture_), IsEmpty());
  EXPECT_EQ(slow_->close(60s).sent, 1U);
}

}  // namespace
}  // namespace metlog
