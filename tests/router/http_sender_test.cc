#include "tools/router/http/http_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/router/http_sender_fixture.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(HttpSenderTest, SendsABatchAsOneBodyAndSettlesItByTheAnswer) {
  make();
  Batch batch = batch_of({"a", "b", "c"});
  EXPECT_EQ(sender_->send(batch), SendResult::kHeld);
  EXPECT_THAT(server_.bodies(), ElementsAre("a\nb\nc\n"));
  EXPECT_EQ(sender_->take_settled(), nullptr);
  EXPECT_EQ(log_->counts().in_flight, 3U);
  server_.answer(0, 204);
  pump();
  expect_settled(batch, 3);
  EXPECT_EQ(sender_->idle(), std::chrono::nanoseconds::max());
}

TEST_F(HttpSenderTest, CutsBodiesByMessagesAndBytesAndKeepsTheWindow) {
  make({.body_bytes = 9, .body_messages = 3, .window = 2});
  Batch batch = batch_of({"a", "b", "c", "d", "eeeeee", "a message that is longer", "f"});
  sender_->send(batch);
  EXPECT_THAT(server_.bodies(), ElementsAre("a\nb\nc\n", "d\neeeeee\n"));
  server_.answer(1, 200);
  pump();
  EXPECT_EQ(server_.bodies().back(), "a message that is longer\n");
  server_.answer(2, 200);
  pump();
  EXPECT_EQ(server_.bodies().back(), "f\n");
  server_.answer(3, 200);
  server_.answer(0, 200);
  pump();
  expect_settled(batch, 7);
}

TEST_F(HttpSenderTest, SettlesBatchesInTheOrderOfTheAnswers) {
  make();
  Batch one = batch_of({"a"});
  Batch two = batch_of({"b"});
  sender_->send(one);
  sender_->send(two);
  server_.answer(1, 200);
  pump();
  EXPECT_EQ(sender_->take_settled(), &two);
  EXPECT_EQ(sender_->take_settled(), nullptr);
  server_.answer(0, 200);
  pump();
  expect_settled(one, 1);
}

TEST_F(HttpSenderTest, IsBusyWhileItsWindowIsFull) {
  make({.window = 1});
  Batch one = batch_of({"a"});
  Batch two = batch_of({"b"});
  EXPECT_EQ(sender_->send(one), SendResult::kHeld);
  EXPECT_EQ(sender_->send(two), SendResult::kBusy);
  server_.answer(0, 200);
  EXPECT_EQ(sender_->send(two), SendResult::kHeld);
  EXPECT_EQ(sender_->take_settled(), &one);
  server_.answer(1, 200);
  pump();
  expect_settled(two, 1);
}

TEST_F(HttpSenderTest, HoldsNoMoreBytesThanItMayButOneBatchAlways) {
  make({.held_bytes = 3});
  Batch one = batch_of({"a message"});
  Batch two = batch_of({"b"});
  EXPECT_EQ(sender_->send(one), SendResult::kHeld);
  EXPECT_EQ(sender_->send(two), SendResult::kBusy);
  server_.answer(0, 200);
  pump();
  EXPECT_EQ(sender_->take_settled(), &one);
  EXPECT_EQ(sender_->send(two), SendResult::kHeld);
}

TEST_F(HttpSenderTest, SendsAgainWithTheSameKeyAfterGrowingPauses) {
  make();
  Batch batch = batch_of({"a", "b"});
  sender_->send(batch);
  const std::vector<int> statuses = {500, 408, 429, 503};
  std::chrono::nanoseconds wait = 250ms;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    server_.answer(i, statuses[i]);
    pump();
    pass(wait - 1ns);
    EXPECT_EQ(server_.requests.size(), i + 1);
    pass(1ns);
    ASSERT_EQ(server_.requests.size(), i + 2);
    EXPECT_EQ(key(i + 1), key(0));
    EXPECT_EQ(server_.requests[i + 1].body, "a\nb\n");
    wait *= 2;
  }
  EXPECT_THAT(key(0), HasSubstr("-"));
  server_.answer(4, 200);
  pump();
  expect_settled(batch, 2);
  EXPECT_EQ(log_->counts().retried, 8U);
}

TEST_F(HttpSenderTest, GivesEachBodyItsOwnKey) {
  make({.body_messages = 1});
  Batch batch = batch_of({"a", "b"});
  sender_->send(batch);
  EXPECT_NE(key(0), key(1));
}

TEST_F(HttpSenderTest, StartsNothingWhileTheReceiverWantsAPause) {
  make({.body_messages = 1, .window = 2});
  Batch batch = batch_of({"a", "b", "c"});
  sender_->send(batch);
  server_.answer(0, 429, "Retry-After: 20");
  server_.answer(1, 200);
  pump();
  pass(20s - 1ns);
  EXPECT_EQ(server_.requests.size(), 2U);
  pass(1ns);
  EXPECT_EQ(server_.bodies().back(), "c\n");
  pass(250ms);  // the jitter
  EXPECT_EQ(server_.bodies().back(), "a\n");
}

TEST_F(HttpSenderTest, CutsALongPauseToItsLimit) {
  make();
  Batch batch = batch_of({"a"});
  sender_->send(batch);
  server_.answer(0, 503, "retry-after: 1000000");
  pump();
  pass(300s + 250ms);
  EXPECT_EQ(server_.requests.size(), 2U);
}

}  // namespace
}  // namespace metlog
