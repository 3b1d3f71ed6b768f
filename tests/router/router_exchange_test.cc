#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/router/collecting_sink.h"
#include "tests/router/envelope.h"
#include "tests/router/frames_input.h"
#include "tests/router/peers.h"
#include "tests/router/router_fixture.h"
#include "tools/router/retired_parts.h"

namespace metlog {
namespace {

using testing::ElementsAre;

/// Exchanges parts of a router that runs.
class RouterExchangeTest : public RouterTest {
 protected:
  std::unique_ptr<Output> output(const std::string& name, std::shared_ptr<Capture> capture) {
    Output::Options options;
    options.name = name;
    auto made =
        std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                 std::make_unique<CaptureSender>(std::move(capture)), options);
    last_ = made.get();
    return made;
  }
  /// Sends a message and steps until it is received.
  void send(const std::string& text) {
    peer_.send(text);
    step_until(++sent_);
  }
  void exchange(std::vector<const Output*> old, std::unique_ptr<Output> made,
                std::chrono::nanoseconds limit = kLimit) {
    Router::Exchange parts;
    parts.old_outputs = std::move(old);
    if (made != nullptr) parts.outputs.push_back(std::move(made));
    ASSERT_TRUE(router_.exchange(std::move(parts), limit).ok());
  }

  const Output* last_ = nullptr;
  UdpPeer peer_{udp()};
  std::uint64_t sent_ = 0;
};

TEST_F(RouterExchangeTest, RoutesEachMessageByTheOutputsOfItsTime) {
  add_file_like_output();
  const auto first = std::make_shared<Capture>();
  const auto second = std::make_shared<Capture>();
  router_.add_output(output("turn", first));
  const Output* const old = last_;
  ASSERT_TRUE(router_.start().ok());
  send(envelope({{"payload", "1"}}));
  exchange({old}, output("turn", second));
  send(envelope({{"payload", "2"}}));
  send(envelope({{"payload", "3"}}));
  const RouterLedger ledger = close();
  EXPECT_EQ(capture_->messages().size(), 3U);
  EXPECT_THAT(first->messages(), ElementsAre(envelope({{"payload", "1"}})));
  EXPECT_EQ(second->messages().size(), 2U);
  ASSERT_EQ(ledger.outputs.size(), 3U);
  EXPECT_FALSE(ledger.outputs[1].is_removed);
  EXPECT_EQ(ledger.outputs[1].not_there, 1U);
  EXPECT_TRUE(ledger.outputs[2].is_removed);
  EXPECT_EQ(ledger.outputs[2].not_there, 2U);
  EXPECT_EQ(ledger.outputs[2].written, 1U);
}

TEST_F(RouterExchangeTest, CountsWhatAnOldOutputCouldNotSendInItsTime) {
  add_file_like_output();
  const auto dead = std::make_shared<Capture>();
  dead->script(std::vector(100'000, Capture::busy()));
  router_.add_output(output("dead", dead));
  ASSERT_TRUE(router_.start().ok());
  for (int i = 0; i < 5; ++i) send(envelope());
  exchange({last_}, nullptr, std::chrono::milliseconds(20));
  // It holds up nothing meanwhile.
  send(envelope());
  EXPECT_TRUE(capture_->wait_for(6, kLimit));
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.outputs[1].lost[LossReason::kExpired], 5U);
  EXPECT_EQ(ledger.outputs[1].not_there, 1U);
}

TEST_F(RouterExchangeTest, AnOldOutputEndsWithTheRouterIfItsTimeIsLonger) {
  add_file_like_output();
  const auto dead = std::make_shared<Capture>();
  dead->script(std::vector(1'000'000, Capture::busy()));
  router_.add_output(output("dead", dead));
  ASSERT_TRUE(router_.start().ok());
  send(envelope());
  exchange({last_}, nullptr, std::chrono::hours(1));
  router_.close(std::chrono::milliseconds(100));
  EXPECT_TRUE(router_.has_ended());
  EXPECT_EQ(router_.ledger().outputs[1].lost[LossReason::kExpired], 1U);
  EXPECT_EQ(router_.ledger().unexplained(), 0U);
}

/// A sender that does not return, as in a look-up of a name. It may still be reading the latch when
/// the test is over.
class StuckSender final : public Sender {
 public:
  explicit StuckSender(std::shared_ptr<std::latch> way) : way_(std::move(way)) {}
  SendResult send(Batch& batch) override {
    way_->wait();
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "stuck:"; }

 private:
  const std::shared_ptr<std::latch> way_;
};

TEST_F(RouterExchangeTest, SaysThatASenderHasNotReturnedByTheEnd) {
  const auto way = std::make_shared<std::latch>(1);
  router_.add_output(std::make_unique<Output>(
      std::make_unique<JsonLinesEncoder>(), std::make_unique<StuckSender>(way), Output::Options()));
  ASSERT_TRUE(router_.start().ok());
  send(envelope());
  router_.close(std::chrono::milliseconds(100));
  EXPECT_FALSE(router_.has_ended());
  EXPECT_EQ(router_.ledger().unexplained(), 0U);
  way->count_down();
}

TEST_F(RouterExchangeTest, KeepsOneRowForOutputsOfOneNameAndUsesTheirBitsAgain) {
  add_file_like_output();
  const auto capture = std::make_shared<Capture>();
  router_.add_output(output("turn", capture));
  ASSERT_TRUE(router_.start().ok());
  constexpr std::uint64_t kTurns = 2 * Output::kMaxOutputs;  // more than there are bits
  for (std::uint64_t i = 0; i < kTurns; ++i) {
    send(envelope());
    const Output* const old = last_;
    exchange({old}, output("turn", capture));
  }
  const RouterLedger ledger = close();
  ASSERT_EQ(ledger.outputs.size(), 3U);
  EXPECT_EQ(ledger.outputs[1].not_there, kTurns);
  EXPECT_EQ(ledger.outputs[2].written, kTurns);
  EXPECT_EQ(capture->messages().size(), kTurns);
}

TEST_F(RouterExchangeTest, ReadsAnOldInputUntilItIsSilent) {
  add_file_like_output();
  ASSERT_TRUE(router_.start().ok());
  // More than one round takes.
  router_.add_input(std::make_unique<FramesInput>(std::vector<std::string>(2'000, envelope())));
  Router::Exchange parts;
  parts.old_inputs = {router_.inputs()[0].get(), router_.inputs().back().get()};
  parts.inputs.push_back(std::make_unique<FramesInput>(std::vector<std::string>(3, envelope())));
  peer_.send(envelope());
  ASSERT_TRUE(router_.exchange(std::move(parts), kLimit).ok());
  EXPECT_EQ(router_.inputs().size(), 2U);
  step_until(2'004);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.accepted, 2'004U);
  EXPECT_EQ(ledger.outputs[0].written, 2'004U);
  std::uint64_t removed = 0;
  for (const InputLedger& input : ledger.inputs) removed += input.is_removed ? 1 : 0;
  EXPECT_EQ(removed, 2U);
}

TEST(RetiredParts, KeepAnInputForAsLongAsItMayNotBeRead) {
  CollectingSink sink;
  RetiredParts retired;
  RetiredParts::TimePoint now{};
  retired.add(std::make_unique<FramesInput>(std::vector<std::string>{envelope()}), now);
  const auto held = [](Input&) { return RetiredParts::kMustWait; };
  int finished = 0;
  const auto finish = [&finished](Input&) { ++finished; };
  const auto free = [&sink](Input& input) { return input.poll(sink, 10); };
  for (int i = 0; i < 3; ++i) retired.read(now += std::chrono::minutes(1), held, finish);
  ASSERT_TRUE(retired.has_inputs());
  retired.read(now, free, finish);
  EXPECT_EQ(sink.texts.size(), 1U);
  retired.read(now + std::chrono::milliseconds(49), free, finish);
  EXPECT_TRUE(retired.has_inputs());
  retired.read(now + std::chrono::milliseconds(50), free, finish);
  EXPECT_FALSE(retired.has_inputs());
  // One that is never silent ends, too.
  retired.add(std::make_unique<FramesInput>(std::vector<std::string>{}), now);
  const auto busy = [](Input&) { return std::size_t{1}; };
  retired.read(now + std::chrono::seconds(4), busy, finish);
  EXPECT_TRUE(retired.has_inputs());
  retired.read(now + std::chrono::seconds(5), busy, finish);
  EXPECT_FALSE(retired.has_inputs());
  EXPECT_EQ(finished, 2);
}

}  // namespace
}  // namespace metlog
