// What a receiver refuses, names in its answer, or never answers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/router/http_sender_fixture.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

using HttpRefusals = HttpSenderTest;

HttpAnswer success(const std::string& body) {
  HttpAnswer answer;
  answer.status = 200;
  answer.body = body;
  return answer;
}

TEST_F(HttpRefusals, LosesWhatIsRefusedAndSaysWhy) {
  make();
  Batch batch = batch_of({"{}", "{}"});
  sender_->send(batch);
  HttpAnswer answer;
  answer.status = 403;
  answer.body = " no such key\n";
  server_.answer(0, answer);
  pump();
  expect_settled(batch, 0);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  log_->write_lost(batch, true);
  EXPECT_EQ(log_->counts().dead_lettered, 2U);
  EXPECT_THAT(content_of(directory_.file("dead")),
              HasSubstr(R"("reason":"refused","attempts":1,"detail":"HTTP 403: no such key")"));
}

TEST_F(HttpRefusals, FollowsNoRedirect) {
  make();
  Batch batch = batch_of({"a"});
  sender_->send(batch);
  server_.answer(0, 307, "Location: http://elsewhere/");
  pump();
  expect_settled(batch, 0);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
}

// Of eight messages the sixth is one that the receiver cannot read.
TEST_F(HttpRefusals, FindsTheOneMessageThatIsRefused) {
  make();
  Batch batch = batch_of({"a", "b", "c", "d", "e", "BAD", "g", "h"});
  sender_->send(batch);
  for (std::size_t i = 0; i < server_.requests.size(); ++i) {
    const bool is_bad = server_.requests[i].body.find("BAD") != std::string::npos;
    server_.answer(i, is_bad ? 400 : 200);
    pump();
  }
  expect_settled(batch, 7);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
  EXPECT_NE(batch.entry_at(5).result, Batch::Result::kOpen);
  EXPECT_EQ(server_.requests.size(), 7U);  // 8, 4 4, 2 2, 1 1
  log_->write_lost(batch, false);
  EXPECT_THAT(content_of(directory_.file("dead")), HasSubstr(R"("attempts":4,)"));
}

TEST_F(HttpRefusals, HalvesWhatIsTooLargeAndLosesAMessageThatIsAlone) {
  make();
  Batch batch = batch_of({"a", "long enough"});
  sender_->send(batch);
  server_.answer(0, 413);
  pump();
  server_.answer(1, 200);
  server_.answer(2, 413);
  pump();
  expect_settled(batch, 1);
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
}

TEST_F(HttpRefusals, StopsLookingForBadMessagesAtItsLimit) {
  make({.split_limit = 3});
  Batch batch = batch_of(std::vector<std::string>(64, "BAD"));
  sender_->send(batch);
  for (std::size_t i = 0; i < server_.requests.size(); ++i) {
    server_.answer(i, 400);
    pump();
  }
  expect_settled(batch, 0);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 64U);
  EXPECT_EQ(server_.requests.size(), 1U + 2 * 3);
}

TEST_F(HttpRefusals, LosesARefusedBodyWholeWhenItMaySplitNone) {
  make({.split_limit = 0});
  Batch batch = batch_of({"a", "b"});
  sender_->send(batch);
  server_.answer(0, 413);
  pump();
  expect_settled(batch, 0);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
}

TEST_F(HttpRefusals, SendsAgainJustTheMessagesThatTheAnswerNames) {
  make();
  Batch batch = batch_of({"0", "1", "2", "3", "4"});
  sender_->send(batch);
  HttpAnswer answer;
  answer.status = 200;
  answer.body = ".ar.a";
  server_.answer(0, answer);
  pump();
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
  pass(250ms);
  EXPECT_THAT(server_.bodies(), ElementsAre("0\n1\n2\n3\n4\n", "1\n4\n"));
  EXPECT_NE(key(0), key(1));
  answer.body = "..";
  server_.answer(1, answer);
  pump();
  expect_settled(batch, 4);
  EXPECT_NE(batch.entry_at(2).result, Batch::Result::kOpen);
}

TEST_F(HttpRefusals, KeepsTheReasonOfEachMessage) {
  make();
  Batch batch = batch_of({"{}", "{}", "{}", "{}"});
  sender_->send(batch);
  server_.answer(0, success("m.rm"));
  pump();
  expect_settled(batch, 1);
  log_->write_lost(batch, true);
  const std::string letters = content_of(directory_.file("dead"));
  EXPECT_EQ(std::count(letters.begin(), letters.end(), '\n'), 3);
  EXPECT_THAT(letters, HasSubstr(R"("detail":"mapping","message":{}})"));
  EXPECT_THAT(letters, HasSubstr(R"("detail":"HTTP 200: m.rm","message":{}})"));
}

// Two of five are refused, and the receiver does not say which: five dead letters, two losses.
TEST_F(HttpRefusals, CountsWhatIsRefusedOfABodyAndKeepsAllOfIt) {
  make({.body_messages = 5});
  Batch batch = batch_of({"{}", "{}", "{}", "{}", "{}", "[]"});
  sender_->send(batch);
  server_.answer(0, success("partly 2"));
  server_.answer(1, 200);
  pump();
  ASSERT_EQ(server_.requests.size(), 2U);
  expect_settled(batch, 4);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  log_->write_lost(batch, true);
  EXPECT_EQ(log_->counts().dead_lettered, 2U);
  const std::string letters = content_of(directory_.file("dead"));
  EXPECT_EQ(std::count(letters.begin(), letters.end(), '\n'), 5);
  EXPECT_THAT(letters, HasSubstr(R"("reason":"refused","attempts":1,"undecided":true,)"
                                 R"("detail":"2 of these 5 refused: too old","message":{}})"));
  EXPECT_EQ(letters.find("[]"), std::string::npos);
}

TEST_F(HttpRefusals, LosesTheWholeBodyWhenAllOfItIsRefused) {
  make();
  Batch batch = batch_of({"{}", "{}"});
  sender_->send(batch);
  server_.answer(0, success("partly 9"));
  pump();
  expect_settled(batch, 0);
  log_->write_lost(batch, true);
  EXPECT_EQ(log_->counts().dead_lettered, 2U);
  EXPECT_EQ(content_of(directory_.file("dead")).find("undecided"), std::string::npos);
}

TEST_F(HttpRefusals, SendsAgainWhatAnAnswerWithoutSenseLeavesUnknown) {
  make();
  Batch batch = batch_of({"a"});
  sender_->send(batch);
  HttpAnswer answer;
  answer.status = 200;
  answer.body = "nonsense";
  server_.answer(0, answer);
  pump();
  pass(250ms);
  EXPECT_EQ(server_.requests.size(), 2U);
}

TEST_F(HttpRefusals, GivesUpAfterItsTimeAndSaysWhatMayHaveArrived) {
  make({.retry = {.time = 10s}});
  Batch batch = batch_of({"a"});
  sender_->send(batch);
  HttpAnswer reset;
  reset.error = "connection reset";
  reset.was_sent = true;
  for (std::size_t i = 0; i < 100 && !batch.is_done(); ++i) {
    if (server_.requests.size() == i + 1) server_.answer(i, reset);
    pump();
    pass(10s);
    reset.was_sent = false;
  }
  expect_settled(batch, 0);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 1U);
  EXPECT_EQ(log_->counts().unanswered, 1U);
  log_->write_lost(batch, false);
  EXPECT_THAT(content_of(directory_.file("dead")),
              HasSubstr(R"("unanswered":true,"detail":"connection reset")"));
}

TEST_F(HttpRefusals, GivesUpAfterItsAttempts) {
  make({.retry = {.attempts = 2}});
  Batch batch = batch_of({"a"});
  sender_->send(batch);
  server_.answer(0, 500);
  pump();
  pass(1s);
  server_.answer(1, 500);
  pump();
  expect_settled(batch, 0);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
  EXPECT_EQ(log_->counts().unanswered, 0U);
}

TEST_F(HttpRefusals, LosesAtTheEndWhatNobodyHasAnswered) {
  make({.body_messages = 1, .window = 2});
  Batch batch = batch_of({"a", "b", "c"});
  sender_->send(batch);
  server_.answer(0, 500);
  pump();
  sender_->abandon();
  EXPECT_TRUE(server_.is_cancelled);
  batch.lose_rest(LossReason::kExpired);  // as the queue does
  expect_all_accounted_for(batch);
  EXPECT_EQ(batch.lost()[LossReason::kExpired], 3U);
  EXPECT_EQ(log_->counts().in_flight, 0U);
  EXPECT_EQ(log_->counts().unanswered, 1U);  // b
}

TEST_F(HttpRefusals, FlushesWhatIsAnsweredAndSaysWhatIsNot) {
  make();
  Batch batch = batch_of({"a"});
  sender_->send(batch);
  EXPECT_FALSE(sender_->flush(0ns));
  server_.answer(0, 200);
  EXPECT_TRUE(sender_->flush(0ns));
  expect_settled(batch, 1);
}

// Every order of answers of random kinds, over many batches: nothing is unexplained.
TEST_F(HttpRefusals, AccountsForEveryMessageWhateverIsAnswered) {
  make({.body_bytes = 40,
        .body_messages = 5,
        .window = 3,
        .retry = {.attempts = 4, .time = 60s},
        .split_limit = 3});
  std::minstd_rand random(11);
  std::vector<std::unique_ptr<Batch>> batches;
  Batch* unsent = nullptr;
  std::vector<std::size_t> open;  // requests without an answer
  std::size_t seen = 0;
  std::uint64_t settled = 0;
  for (int round = 0; round < 2'000; ++round) {
    if (unsent == nullptr) {
      unsent = batches.emplace_back(std::make_unique<Batch>(1024)).get();
      unsent->number = batches.size();
      for (std::size_t i = 1 + random() % 12; i > 0; --i) {
        add_message(*unsent, std::string(1 + random() % 20, 'x'));
      }
    }
    // Not when it is sure to be busy: it would wait then.
    if (open.size() < 3 && sender_->send(*unsent) == SendResult::kHeld) unsent = nullptr;
    for (; seen < server_.requests.size(); ++seen) open.push_back(seen);
    if (!open.empty()) {
      const auto chosen = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
      HttpAnswer answer;
      constexpr std::array<int, 8> kStatuses = {0, 200, 200, 200, 400, 413, 429, 503};
      answer.status = kStatuses[random() % kStatuses.size()];
      answer.was_sent = random() % 2 == 0;
      for (int i = 0; i < 6; ++i) answer.body += ".arm"[random() % 4];
      if (random() % 8 == 0) answer.body = "partly " + std::to_string(random() % 4);
      server_.answer(*chosen, answer);
      open.erase(chosen);
    }
    pass(std::chrono::seconds(random() % 40));
    while (sender_->take_settled() != nullptr) ++settled;
  }
  if (unsent != nullptr) batches.pop_back();
  for (const std::size_t request : open) server_.answer(request, 204);
  for (int i = 0; i < 10'000 && settled < batches.size(); ++i) {
    for (; seen < server_.requests.size(); ++seen) server_.answer(seen, 204);
    pass(60s);
    while (sender_->take_settled() != nullptr) ++settled;
  }
  EXPECT_EQ(settled, batches.size());
  EXPECT_GE(settled, 300U);
  for (const auto& batch : batches) expect_all_accounted_for(*batch);
  EXPECT_EQ(log_->counts().in_flight, 0U);
  EXPECT_EQ(sender_->idle(), std::chrono::nanoseconds::max());
}

}  // namespace
}  // namespace metlog
