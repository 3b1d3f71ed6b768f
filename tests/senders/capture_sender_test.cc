#include "senders/sender/capture_sender.h"

#include <gmock/gmock.h>

#include "metlog/internal/flush/send_queue.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::ElementsAre;

TEST(CaptureSender, KeepsMessagesInOrder) {
  const auto capture = std::make_shared<Capture>();
  CaptureSender sender(capture);
  Batch batch = batch_of({"a", "", "c"});
  EXPECT_EQ(sender.send(batch), SendResult::kSent);
  EXPECT_THAT(capture->messages(), ElementsAre("a", "", "c"));
  expect_all_accounted_for(batch);
}

TEST(CaptureSender, AnswersAsScriptedAndThenTakesAll) {
  const auto capture = std::make_shared<Capture>();
  CaptureSender sender(capture);
  capture->script({Capture::busy(), Capture::busy(1), Capture::lost(LossReason::kTooLong, 1)});
  Batch batch = batch_of({"a", "b", "c", "d"});
  EXPECT_EQ(sender.send(batch), SendResult::kBusy);
  EXPECT_EQ(batch.remaining_count(), 4U);
  EXPECT_EQ(sender.send(batch), SendResult::kBusy);
  EXPECT_EQ(batch.remaining_count(), 3U);
  EXPECT_EQ(sender.send(batch), SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 2U);
  expect_all_accounted_for(batch);

  Batch next = batch_of({"e"});
  EXPECT_EQ(sender.send(next), SendResult::kSent);
  EXPECT_THAT(capture->messages(), ElementsAre("a", "b", "e"));
  EXPECT_EQ(capture->send_calls(), 4U);
  expect_all_accounted_for(next);
}

TEST(CaptureSender, OutlivesItsLaneThroughTheCapture) {
  const auto capture = std::make_shared<Capture>();
  SendQueue lane(std::make_unique<CaptureSender>(capture), {});
  capture->script({Capture::busy(), Capture::busy(), Capture::busy(1)});
  ASSERT_TRUE(lane.start().ok());
  Batch* batch = lane.try_take_empty();
  add_message(*batch, "a");
  add_message(*batch, "b");
  lane.offer(batch);
  EXPECT_TRUE(capture->wait_for(2, std::chrono::seconds(60)));
  EXPECT_TRUE(lane.stop(std::chrono::seconds(60)));
  EXPECT_THAT(capture->messages(), ElementsAre("a", "b"));
  EXPECT_EQ(lane.counts().sent + lane.counts().lost.total(), 2U);
  EXPECT_EQ(lane.counts().sent, 2U);
}

TEST(CaptureSender, AnswersFlushAsScripted) {
  const auto capture = std::make_shared<Capture>();
  CaptureSender sender(capture);
  EXPECT_TRUE(sender.flush(std::chrono::nanoseconds(0)));
  capture->set_flush_answer(false);
  EXPECT_FALSE(sender.flush(std::chrono::nanoseconds(0)));
}

}  // namespace
}  // namespace metlog
