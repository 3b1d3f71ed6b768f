#include "tools/router/output/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/router/envelope.h"
#include "tests/router/received.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr seconds kLimit{30};

/// An output whose batches hold one message each. Each message comes in a block of its own, of
/// which two have room.
class OutputTest : public testing::Test {
 protected:
  Output& make(OnFull on_full, Matcher::Options match = {}) {
    Output::Options options;
    options.match = std::move(match);
    options.on_full = on_full;
    options.backpressure_limit = seconds(5);
    options.queue_bytes = 2 * received_.block_bytes();
    options.queue = {.batch_bytes = 1, .batch_count = 2};
    return make(std::make_unique<JsonLinesEncoder>(), options);
  }
  Output& make(std::unique_ptr<MessageEncoder> encoder, const Output::Options& options) {
    output_ = std::make_unique<Output>(std::move(encoder),
                                       std::make_unique<CaptureSender>(capture_), options);
    return *output_;
  }

  bool take(const EnvelopeParts& changes = {}) {
    received_.begin_block();
    EXPECT_TRUE(received_.add(envelope(changes), *output_));
    return output_->take(received_.slice());
  }

  void close(std::chrono::nanoseconds limit = kLimit) {
    output_->begin_close(limit);
    output_->end_close();
    EXPECT_EQ(output_->ledger().pending, 0U);
    expect_accounted();
  }
  void expect_accounted() const {
    const OutputLedger ledger = output_->ledger();
    EXPECT_EQ(ledger.routed, ledger.written + ledger.lost.total() + ledger.pending);
    EXPECT_EQ(ledger.written, capture_->messages().size());
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::unique_ptr<Output> output_;
  Received received_;
  const Output::TimePoint now_{};
};

TEST_F(OutputTest, WritesAllByTheTimeItIsClosed) {
  make(OnFull::kWait);
  take({{"payload", "1"}});
  take({{"payload", "2"}});
  EXPECT_EQ(output_->ledger().pending, 2U);
  expect_accounted();
  close();
  EXPECT_THAT(capture_->messages(),
              ElementsAre(envelope({{"payload", "1"}}), envelope({{"payload", "2"}})));
}

TEST_F(OutputTest, WritesWhatItHasAtTheEndOfARound) {
  make(OnFull::kDrop);
  take();
  EXPECT_EQ(capture_->messages().size(), 0U);
  output_->end_round();
  EXPECT_EQ(capture_->messages().size(), 1U);
  EXPECT_EQ(output_->ledger().pending, 0U);
  expect_accounted();
}

TEST_F(OutputTest, LosesWhatDoesNotFitWhenItDrops) {
  make(OnFull::kDrop);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(take({{"payload", std::to_string(i)}}));
  EXPECT_FALSE(output_->backpressures_inputs(now_));
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 3U);
  close();
  EXPECT_THAT(capture_->messages(),
              ElementsAre(envelope({{"payload", "0"}}), envelope({{"payload", "1"}})));
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 3U);
}

TEST_F(OutputTest, CountsABlockOnceHoweverManyOfItsSlicesWait) {
  make(OnFull::kDrop);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(received_.add(envelope(), *output_));
    EXPECT_TRUE(output_->take(received_.slice()));
  }
  take();
  take();
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 1U);
  close();
  EXPECT_EQ(capture_->messages().size(), 101U);
}

TEST_F(OutputTest, HasRoomForOneBlockOfAnySize) {
  Output::Options options;
  options.queue_bytes = 1;
  make(std::make_unique<JsonLinesEncoder>(), options);
  take();
  take();
  output_->end_round();
  take();
  close();
  EXPECT_EQ(output_->ledger().written, 2U);
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 1U);
}

TEST_F(OutputTest, CountsWhatTheFormatHasNoFormOf) {
  make(std::make_unique<StatsdEncoder>(), Output::Options());
  for (const char* payload : {"\"1\"", "\"1e+310\"", "\"inf\"", "\"2\""}) {
    take({{"type", "\"counter\""}, {"payload", payload}, {"fields", R"({"name":"n"})"}});
  }
  close();
  EXPECT_THAT(capture_->messages(), ElementsAre("n:1.0|c", "n:2.0|c"));
  const OutputLedger ledger = output_->ledger();
  EXPECT_EQ(ledger.routed, 4U);
  EXPECT_EQ(ledger.written, 2U);
  EXPECT_EQ(ledger.lost[LossReason::kFormatterFailed], 2U);
}

TEST_F(OutputTest, HoldsTheInputsAndLosesNothingWhenItWaits) {
  make(OnFull::kWait);
  EXPECT_TRUE(take());
  EXPECT_TRUE(take());
  EXPECT_FALSE(output_->backpressures_inputs(now_));  // what comes may be for others
  EXPECT_FALSE(take());
  EXPECT_TRUE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(take());  // of a burst that was received already
  EXPECT_TRUE(output_->backpressures_inputs(now_ + seconds(4)));
  close();
  EXPECT_EQ(capture_->messages().size(), 4U);
  EXPECT_EQ(output_->ledger().lost.total(), 0U);
}

TEST_F(OutputTest, HoldsNoInputForMessagesThatItDoesNotTake) {
  make(OnFull::kWait, {.min_severity = 4, .types = {}, .loggers = {}});
  EXPECT_TRUE(take({{"severity", "4"}}));
  EXPECT_TRUE(take({{"severity", "4"}}));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(take({{"severity", "5"}}));
  EXPECT_FALSE(output_->backpressures_inputs(now_));
  close();
  EXPECT_EQ(output_->ledger().not_matched, 10U);
  EXPECT_EQ(output_->ledger().written, 2U);
}

TEST_F(OutputTest, GivesUpHoldingAtItsLimit) {
  make(OnFull::kWait);
  for (int i = 0; i < 3; ++i) take();
  EXPECT_TRUE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(5)));
  EXPECT_TRUE(take());
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(6)));
  close();
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 1U);
}

TEST_F(OutputTest, HoldsNoLongerOnceThereIsRoomAndThenAnew) {
  make(OnFull::kWait);
  for (int i = 0; i < 3; ++i) take();
  EXPECT_TRUE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(5)));
  output_->end_round();
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(6)));
  for (int i = 0; i < 3; ++i) take();
  EXPECT_TRUE(output_->backpressures_inputs(now_ + seconds(7)));
  close();
  EXPECT_EQ(output_->ledger().written, 6U);
}

TEST_F(OutputTest, TellsTheSendersLosses) {
  make(OnFull::kWait);
  capture_->script({Capture::lost(LossReason::kRefused)});
  take();
  take();
  close();
  EXPECT_EQ(output_->ledger().lost[LossReason::kRefused], 1U);
}

// Of three messages one is in the sender's hands, one is encoded, and two wait in the queue.
TEST_F(OutputTest, ExpiresWhatADeadDestinationDoesNotTake) {
  make(OnFull::kWait);
  capture_->script(std::vector(100, Capture::busy()));
  take();
  take();
  output_->step();
  take();
  take();
  EXPECT_EQ(output_->ledger().pending, 4U);
  close(seconds(0));
  EXPECT_EQ(output_->ledger().lost[LossReason::kExpired], 4U);
}

TEST_F(OutputTest, TakesOnlyWhatMatches) {
  make(OnFull::kWait, {.min_severity = 4, .types = {"counter", "timer"}, .loggers = {}});
  take({{"type", "\"counter\""}, {"severity", "4"}});
  take({{"type", "\"counter\""}, {"severity", "5"}});
  take({{"type", "\"oldstyle\""}, {"severity", "1"}});
  close();
  EXPECT_EQ(output_->ledger().routed, 1U);
  EXPECT_EQ(output_->ledger().not_matched, 2U);
}

// What comes while the sender is busy is encoded into as few batches as there are.
TEST_F(OutputTest, GathersWhileItsSenderIsBusy) {
  Output::Options options;
  options.queue = {.batch_bytes = 100'000, .batch_count = 4};
  make(std::make_unique<JsonLinesEncoder>(), options);
  capture_->script({Capture::busy(), Capture::busy(), Capture::busy()});
  for (int i = 0; i < 3; ++i) {
    take();
    output_->end_round();
  }
  EXPECT_EQ(capture_->send_calls(), 3U);
  close();
  EXPECT_EQ(capture_->send_calls(), 5U);  // the first again, and one for the other two
  EXPECT_EQ(capture_->messages().size(), 3U);
}

// The thread reads a block while more is appended to it.
TEST_F(OutputTest, WritesInOrderWhatItsThreadTakes) {
  Output::Options options;
  options.on_full = OnFull::kWait;
  make(std::make_unique<JsonLinesEncoder>(), options);
  ASSERT_TRUE(output_->start().ok());
  std::vector<std::string> sent;
  for (int i = 0; i < 3'000; ++i) {
    sent.push_back(envelope({{"payload", std::to_string(i)}}));
    if (i % 500 == 499) received_.begin_block();
    ASSERT_TRUE(received_.add(sent.back(), *output_));
    output_->take(received_.slice());
    if (i % 3 == 0) output_->end_round();
  }
  close();
  EXPECT_EQ(capture_->messages(), sent);
}

}  // namespace
}  // namespace metlog
