// Batched frames through a ZeroMQ socket, read as the router reads them.

#include <gmock/gmock.h>

#include <memory>
#include <random>

#include "metlog/internal/flush/send_queue.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/frame_log.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kPatienceMs = 10'000;
constexpr char kAnyPort[] = "tcp://127.0.0.1:*";

std::unique_ptr<Sender> open_batched(const Subscriber& subscriber, const std::string& more = "") {
  auto sender =
      ZmqSender::open(*parse_url(subscriber.endpoint() + "?batch=1&hold_ms=3600000" + more));
  if (!sender.ok()) ADD_FAILURE() << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

/// Reads until `count` messages have come.
void receive(Subscriber& subscriber, std::size_t count, FrameLog& log) {
  std::string frame;
  while (log.messages.size() < count && subscriber.receive(frame, kPatienceMs)) {
    if (!log.add(frame)) return;
  }
}

TEST(ZmqBatch, PutsABatchIntoOneFrame) {
  const TempDir dir;
  for (const std::string& endpoint : {std::string(kAnyPort), "ipc://" + dir.file("socket")}) {
    Subscriber subscriber(endpoint);
    const auto sender = open_batched(subscriber);
    const auto messages = numbered_messages(261, 250);  // what a batch of 64 KiB holds
    Batch batch = batch_of(messages);
    batch.first_sequence = 1000;
    batch.stream = {{1, 2, 3}, 7};
    EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
    FrameLog log;
    receive(subscriber, messages.size(), log);
    EXPECT_EQ(log.messages, messages);
    EXPECT_EQ(log.stream, batch.stream);
    EXPECT_EQ(log.missing, 1000U);
    EXPECT_THAT(log.frame_counts, ElementsAre(261U));
    expect_all_accounted_for(batch);
  }
}

TEST(ZmqBatch, CutsFramesAtTheLimitAndSendsALongerMessageAlone) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_batched(subscriber, "&max_frame=1024");
  // 48 + 4 * 244 = 1024 to the byte.
  auto messages = numbered_messages(9, 243);
  messages.insert(messages.begin() + 5, std::string(5000, 'l'));
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  FrameLog log;
  receive(subscriber, messages.size(), log);
  EXPECT_EQ(log.messages, messages);
  EXPECT_THAT(log.frame_counts, ElementsAre(4U, 1U, 1U, 4U));
  EXPECT_EQ(log.missing, 0U);
  expect_all_accounted_for(batch);
}

TEST(ZmqBatch, LosesWhatARouterWouldRefuseAndSendsWhatIsAroundIt) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_batched(subscriber);
  const std::string longest(256 * 1024, 'm');
  const std::vector<std::string> messages = {longest + "x", "a",     "b", longest + "y",
                                             longest + "z", longest, "c", longest + "x"};
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  FrameLog log;
  receive(subscriber, 4, log);
  EXPECT_EQ(log.messages, (std::vector<std::string>{"a", "b", longest, "c"}));
  EXPECT_EQ(log.missing, 3U);  // the one at the end is not known to be missing yet
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 4U);
  expect_all_accounted_for(batch);
  EXPECT_TRUE(sender->flush(std::chrono::milliseconds(kPatienceMs)));
}

TEST(ZmqBatch, IsBusyAtTheHighWaterMarkAndLosesNothing) {
  Subscriber subscriber(kAnyPort);
  SendQueue lane(open_batched(subscriber, "&hwm=1&max_frame=1048576"), {.stream = {{9}, 3}});
  std::mt19937 random(20261123);
  std::vector<std::string> messages;
  for (int i = 0; i < 300; ++i) {
    messages.push_back(std::to_string(i) + std::string(random() % 200'000, 'm'));
  }
  FrameLog log;
  const auto read_one = [&] {
    std::string frame;
    if (subscriber.receive(frame, 10)) log.add(frame);
  };
  std::size_t filled = 0;
  int busy_count = 0;
  while (lane.counts().sent < messages.size()) {
    Batch* const batch = lane.try_take_empty();
    if (batch != nullptr) {
      for (int i = 0; i < 30 && filled < messages.size(); ++i) {
        add_message(*batch, messages[filled++]);
      }
      lane.offer(batch);
    }
    if (!lane.step()) {
      ++busy_count;
      read_one();
    }
  }
  EXPECT_GT(busy_count, 0);
  receive(subscriber, messages.size(), log);
  EXPECT_EQ(log.messages, messages);
  EXPECT_EQ(log.missing, 0U);
  EXPECT_EQ(log.next, messages.size());
  EXPECT_EQ(log.stream, (StreamId{{9}, 3}));
  EXPECT_EQ(lane.counts().lost.total(), 0U);
}

TEST(ZmqBatch, LeavesAGapWhereMessagesFoundNoReceiver) {
  const TempDir dir;
  const std::string endpoint = "ipc://" + dir.file("socket");
  auto sender = ZmqSender::open(*parse_url(endpoint + "?batch=1&hold_ms=0"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  SendQueue lane(*std::move(sender), {});
  const auto offer = [&](const std::vector<std::string>& messages) {
    Batch* const batch = lane.try_take_empty();
    for (const std::string& message : messages) add_message(*batch, message);
    lane.offer(batch);
    lane.step();
  };
  offer({"for", "nobody"});
  EXPECT_EQ(lane.counts().lost[LossReason::kNoReceiver], 2U);
  Subscriber subscriber(endpoint);
  std::uint64_t offered = 2;
  while (lane.counts().sent == 0) {
    subscriber.attend();
    offer({"heard"});
    ++offered;
  }
  FrameLog log;
  receive(subscriber, 1, log);
  EXPECT_THAT(log.messages, ElementsAre("heard"));
  EXPECT_EQ(log.missing, lane.counts().lost.total());
  EXPECT_EQ(offered, lane.counts().sent + lane.counts().lost.total());
}

TEST(ZmqBatch, SaysWhatIsWrongWithItsUrl) {
  const auto error = [](const std::string& options) {
    return std::string(
        ZmqSender::open(*parse_url("tcp://127.0.0.1:1" + options)).status().message());
  };
  EXPECT_THAT(error("?batch=2"), HasSubstr("option batch='2'"));
  EXPECT_THAT(error("?batch=1&max_frame=1023"), HasSubstr("1024..1048576"));
  EXPECT_THAT(error("?batch=1&max_frame=1048577"), HasSubstr("1024..1048576"));
  EXPECT_THAT(error("?max_frame=2048"), HasSubstr("needs batch=1"));
  EXPECT_THAT(error("?batch=0&max_frame=2048"), HasSubstr("needs batch=1"));
}

}  // namespace
}  // namespace metlog
