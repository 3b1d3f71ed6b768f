#include "tools/router/output/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr seconds kLimit{30};

/// An output of two batches that hold one message each, and no thread before start().
class OutputTest : public testing::Test {
 protected:
  Output& make(OnFull on_full, Matcher::Options match = {}) {
    Output::Options options;
    options.match = std::move(match);
    options.on_full = on_full;
    options.backpressure_limit = seconds(5);
    options.queue = {.batch_bytes = 1, .batch_count = 2};
    output_ = std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                       std::make_unique<CaptureSender>(capture_), options);
    return *output_;
  }

  bool take(const EnvelopeParts& changes = {}) {
    EXPECT_EQ(decoding_.outcome(envelope(changes)), "accepted");
    return output_->take(decoding_.message());
  }

  void expect_accounted() const {
    const OutputLedger ledger = output_->ledger();
    EXPECT_EQ(ledger.routed, ledger.written + ledger.lost.total() + ledger.pending);
    EXPECT_EQ(ledger.written, capture_->messages().size());
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::unique_ptr<Output> output_;
  Decoding decoding_;
  const Output::TimePoint now_{};
};

TEST_F(OutputTest, WritesAllByTheTimeItIsClosed) {
  make(OnFull::kWait);
  take({{"payload", "1"}});
  take({{"payload", "2"}});
  EXPECT_EQ(output_->ledger().pending, 2U);
  expect_accounted();
  output_->close(kLimit);
  EXPECT_THAT(capture_->messages(),
              ElementsAre(envelope({{"payload", "1"}}), envelope({{"payload", "2"}})));
  EXPECT_EQ(output_->ledger().pending, 0U);
  expect_accounted();
}

TEST_F(OutputTest, LosesWhatDoesNotFitWhenItDrops) {
  make(OnFull::kDrop);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(take({{"payload", std::to_string(i)}}));
  EXPECT_FALSE(output_->backpressures_inputs(now_));
  output_->close(kLimit);
  EXPECT_EQ(capture_->messages().size(), 2U);
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 3U);
  expect_accounted();
}

TEST_F(OutputTest, CountsWhatTheFormatHasNoFormOf) {
  Output::Options options;
  Output output(std::make_unique<StatsdEncoder>(), std::make_unique<CaptureSender>(capture_),
                options);
  for (const char* payload : {"\"1\"", "\"1e+310\"", "\"inf\"", "\"2\""}) {
    const std::string text =
        envelope({{"type", "\"counter\""}, {"payload", payload}, {"fields", R"({"name":"n"})"}});
    ASSERT_EQ(decoding_.outcome(text), "accepted");
    EXPECT_TRUE(output.take(decoding_.message()));
  }
  output.close(kLimit);
  EXPECT_THAT(capture_->messages(), ElementsAre("n:1.0|c", "n:2.0|c"));
  const OutputLedger ledger = output.ledger();
  EXPECT_EQ(ledger.routed, 4U);
  EXPECT_EQ(ledger.written, 2U);
  EXPECT_EQ(ledger.lost[LossReason::kFormatterFailed], 2U);
  EXPECT_EQ(ledger.routed, ledger.written + ledger.lost.total() + ledger.pending);
}

TEST_F(OutputTest, HoldsTheInputsAndLosesNothingWhenItWaits) {
  make(OnFull::kWait);
  EXPECT_TRUE(take());
  EXPECT_FALSE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(take());
  EXPECT_TRUE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(take());  // of a burst that was received already
  EXPECT_TRUE(output_->backpressures_inputs(now_ + seconds(4)));
  output_->close(kLimit);
  EXPECT_EQ(capture_->messages().size(), 3U);
  EXPECT_EQ(output_->ledger().lost.total(), 0U);
  expect_accounted();
}

TEST_F(OutputTest, GivesUpHoldingAtItsLimit) {
  make(OnFull::kWait);
  take();
  take();
  EXPECT_TRUE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(5)));
  EXPECT_TRUE(take());
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(6)));
  output_->close(kLimit);
  EXPECT_EQ(output_->ledger().lost[LossReason::kQueueFull], 1U);
  expect_accounted();
}

TEST_F(OutputTest, HoldsNoLongerOnceThereIsRoomAndThenAnew) {
  make(OnFull::kWait);
  capture_->script({Capture::busy(), Capture::busy()});
  take();
  take();
  EXPECT_TRUE(output_->backpressures_inputs(now_));
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(5)));
  ASSERT_TRUE(output_->start().ok());
  ASSERT_TRUE(capture_->wait_for(1, kLimit));
  // The batch comes back to us a moment after its message arrived.
  while (!output_->end_round()) continue;
  ASSERT_TRUE(capture_->wait_for(2, kLimit));
  EXPECT_FALSE(output_->backpressures_inputs(now_ + seconds(6)));
  take();
  output_->close(kLimit);
  EXPECT_EQ(output_->ledger().written, 3U);
  expect_accounted();
}

TEST_F(OutputTest, TellsTheSendersLosses) {
  make(OnFull::kWait);
  capture_->script({Capture::lost(LossReason::kRefused)});
  take();
  take();
  output_->close(kLimit);
  EXPECT_EQ(output_->ledger().lost[LossReason::kRefused], 1U);
  expect_accounted();
}

TEST_F(OutputTest, ExpiresWhatADeadDestinationDoesNotTake) {
  make(OnFull::kWait);
  capture_->script(std::vector(100, Capture::busy()));
  take();
  take();
  output_->close(seconds(0));
  EXPECT_EQ(output_->ledger().lost[LossReason::kExpired], 2U);
  EXPECT_EQ(output_->ledger().pending, 0U);
  expect_accounted();
}

TEST_F(OutputTest, TakesOnlyWhatMatches) {
  make(OnFull::kWait, {.min_severity = 4, .types = {"counter", "timer"}, .loggers = {}});
  take({{"type", "\"counter\""}, {"severity", "4"}});
  take({{"type", "\"counter\""}, {"severity", "5"}});
  take({{"type", "\"oldstyle\""}, {"severity", "1"}});
  output_->close(kLimit);
  EXPECT_EQ(output_->ledger().routed, 1U);
  EXPECT_EQ(output_->ledger().not_matched, 2U);
  expect_accounted();
}

TEST_F(OutputTest, GathersWhileItsLaneIsBusy) {
  Output::Options options;
  options.queue = {.batch_bytes = 100'000, .batch_count = 4};
  output_ = std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                     std::make_unique<CaptureSender>(capture_), options);
  EXPECT_TRUE(output_->end_round());
  take();
  EXPECT_TRUE(output_->end_round());
  take();
  EXPECT_FALSE(output_->end_round());
  take();
  EXPECT_FALSE(output_->end_round());
  output_->close(kLimit);
  EXPECT_EQ(capture_->send_calls(), 2U);
  EXPECT_EQ(capture_->messages().size(), 3U);
  expect_accounted();
}

}  // namespace
}  // namespace metlog
