#include "senders/zmq/zmq_sender.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <chrono>
#include <memory>
#include <thread>

#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::HasSubstr;

constexpr int kPatienceMs = 10'000;
constexpr char kAnyPort[] = "tcp://127.0.0.1:*";
constexpr char kForEver[] = "hold_ms=3600000";

std::unique_ptr<Sender> open_zmq(const std::string& url) {
  auto sender = ZmqSender::open(*parse_url(url));
  if (!sender.ok()) ADD_FAILURE() << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

void expect_delivery(Sender& sender, Subscriber& subscriber,
                     const std::vector<std::string>& messages) {
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  EXPECT_EQ(receive(subscriber, messages.size()), messages);
  EXPECT_EQ(batch.sent_count(), messages.size());
  expect_all_accounted_for(batch);
}

TEST(ZmqSender, SendsAFrameAMessage) {
  const TempDir dir;
  for (const std::string& endpoint : {std::string(kAnyPort), "ipc://" + dir.file("socket")}) {
    Subscriber subscriber(endpoint);
    const auto plain = open_zmq(subscriber.endpoint() + "?" + kForEver);
    expect_delivery(*plain, subscriber, {"first", "", "third"});
    const auto prefixed = open_zmq("zmq+" + subscriber.endpoint() + "?" + kForEver);
    expect_delivery(*prefixed, subscriber, {"fourth"});
  }
}

TEST(ZmqSender, LosesAsNoReceiverWhenTheHoldIsOverAndThenAtOnce) {
  const TempDir dir;
  const auto sender = open_zmq("ipc://" + dir.file("socket") + "?hold_ms=50");
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(sender->send(batch), SendResult::kBusy);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 2U);
  expect_all_accounted_for(batch);
  Batch next = batch_of({"c"});
  EXPECT_EQ(sender->send(next), SendResult::kLost);
  EXPECT_EQ(next.lost()[LossReason::kNoReceiver], 1U);
  expect_all_accounted_for(next);
}

TEST(ZmqSender, DeliversAgainOnceSomebodySubscribes) {
  const TempDir dir;
  const auto sender = open_zmq("ipc://" + dir.file("socket") + "?hold_ms=0");
  Batch batch = batch_of({"too early"});
  EXPECT_EQ(sender->send(batch), SendResult::kLost);
  expect_all_accounted_for(batch);

  Subscriber subscriber("ipc://" + dir.file("socket"));
  std::uint64_t lost = 0;
  while (true) {
    Batch next = batch_of({"in time"});
    const SendResult result = sender->send(next);
    expect_all_accounted_for(next);
    lost += next.lost()[LossReason::kNoReceiver];
    if (result == SendResult::kSent) break;
    subscriber.attend();
  }
  EXPECT_GT(lost, 0U);
  EXPECT_THAT(receive(subscriber, 1), testing::ElementsAre("in time"));
}

TEST(ZmqSender, WaitsAgainForASubscriberThatUnsubscribed) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_zmq(subscriber.endpoint() + "?" + kForEver);
  expect_delivery(*sender, subscriber, {"heard"});
  subscriber.unsubscribe();
  // What is sent until the news arrives is filtered out, as its reader asked.
  SendResult result = SendResult::kSent;
  while (result == SendResult::kSent) {
    Batch batch = batch_of({"unheard"});
    result = sender->send(batch);
    if (result == SendResult::kBusy) batch.lose_rest(LossReason::kExpired);
    expect_all_accounted_for(batch);
  }
  EXPECT_EQ(result, SendResult::kBusy);
  subscriber.subscribe();
  Batch batch = batch_of({"heard again"});
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  std::string frame;
  while (frame != "heard again" && subscriber.receive(frame, kPatienceMs)) {
  }
  EXPECT_EQ(frame, "heard again");
  expect_all_accounted_for(batch);
}

/// Sends a batch of its own again and again, until one meets `wanted`.
void send_until(Sender& sender, SendResult wanted, Subscriber* subscriber = nullptr) {
  SendResult result = SendResult::kLost;
  do {
    Batch batch = batch_of({"one of many"});
    result = sender.send(batch);
    if (result == SendResult::kBusy) batch.lose_rest(LossReason::kExpired);
    expect_all_accounted_for(batch);
    if (subscriber != nullptr) subscriber->attend();
  } while (result != wanted);
}

TEST(ZmqSender, WaitsAgainForAPeerThatDiedAndThenCountsItAsGone) {
  const TempDir dir;
  const std::string endpoint = "ipc://" + dir.file("socket");
  const auto sender = open_zmq(endpoint + "?hold_ms=50");
  send_until(*sender, SendResult::kLost);
  auto subscriber = std::make_unique<Subscriber>(endpoint);
  send_until(*sender, SendResult::kSent, subscriber.get());

  subscriber.reset();
  SendResult first_failure = SendResult::kSent;
  Batch batch(1024);
  while (first_failure == SendResult::kSent) {
    batch = batch_of({"for nobody"});
    first_failure = sender->send(batch);
  }
  EXPECT_EQ(first_failure, SendResult::kBusy);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 1U);
  expect_all_accounted_for(batch);

  Subscriber second(endpoint);
  send_until(*sender, SendResult::kSent, &second);
}

TEST(ZmqSender, IsBusyAtTheHighWaterMarkAndLosesNothing) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_zmq(subscriber.endpoint() + "?hwm=2&max_message=2000000&" + kForEver);
  expect_delivery(*sender, subscriber, {"heard"});
  const auto messages = numbered_messages(100, 1 << 20);
  Batch batch = batch_of(messages);
  int busy_count = 0;
  std::size_t received = 0;
  const auto read_one = [&] {
    ++busy_count;
    std::string frame;
    if (!subscriber.receive(frame, kPatienceMs)) return;
    EXPECT_EQ(frame, messages[received]);
    ++received;
  };
  EXPECT_EQ(send_until_settled(*sender, batch, read_one), SendResult::kSent);
  while (received < messages.size() && busy_count < 1000) read_one();
  EXPECT_EQ(received, messages.size());
  EXPECT_EQ(batch.sent_count(), messages.size());
  expect_all_accounted_for(batch);
}

/// Sends more than the buffers between the two hold, to a reader who starts when the flush does.
void expect_flush_delivers_all(const std::string& endpoint, std::size_t count) {
  Subscriber subscriber(endpoint);
  const auto sender = open_zmq(subscriber.endpoint() + "?" + kForEver);
  const auto messages = numbered_messages(count, 300);
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  std::vector<std::string> frames;
  std::thread reader([&] { frames = receive(subscriber, count); });
  EXPECT_TRUE(sender->flush(std::chrono::seconds(60)));
  reader.join();
  EXPECT_EQ(frames, messages);
  expect_all_accounted_for(batch);
}

TEST(ZmqSender, SendsMessagesOfAllLengthsWholeWhileItsQueueIsFullAndRead) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_zmq(subscriber.endpoint() + "?hwm=4&" + kForEver);
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < 2000; ++i) {
    // Around the length up to which they share memory, and short ones.
    const std::size_t length = i % 10 == 0 ? 8180 + i % 30 : i * 37 % 400;
    messages.push_back(std::to_string(i) + ":" + std::string(length, 'm'));
  }
  std::vector<std::string> received;
  std::thread reader([&] {
    subscriber.attend();
    received = receive(subscriber, messages.size());
  });
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  reader.join();
  EXPECT_TRUE(received == messages);
  EXPECT_EQ(batch.sent_count(), messages.size());
  expect_all_accounted_for(batch);
}

TEST(ZmqSender, WaitsForRoomBeforeItIsBusy) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_zmq(subscriber.endpoint() + "?hwm=1&" + kForEver);
  expect_delivery(*sender, subscriber, {"heard"});
  Batch batch = batch_of(numbered_messages(400, 100'000));  // more than both kernels' queues hold
  while (sender->send(batch) != SendResult::kBusy || batch.sent_count() == 0) {
  }
  // Some news of the connection may end the first wait.
  std::chrono::nanoseconds waited{};
  for (int i = 0; i < 3; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(sender->send(batch), SendResult::kBusy);
    waited += std::chrono::steady_clock::now() - begun;
  }
  EXPECT_GE(waited, std::chrono::milliseconds(10));
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
}

TEST(ZmqSender, FlushDeliversAllToASlowReader) {
  const TempDir dir;
  for (std::size_t round = 0; round < 5; ++round) {
    expect_flush_delivers_all(kAnyPort, 600 + round);
    expect_flush_delivers_all("ipc://" + dir.file("socket"), 600 + round);
  }
}

TEST(ZmqSender, FlushSaysWhenTheReaderTookTooLong) {
  const TempDir dir;
  for (const std::string& endpoint : {std::string(kAnyPort), "ipc://" + dir.file("socket")}) {
    Subscriber subscriber(endpoint);
    const auto sender = open_zmq(subscriber.endpoint() + "?" + kForEver);
    Batch batch = batch_of(numbered_messages(50, 1 << 18));
    EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
    EXPECT_FALSE(sender->flush(std::chrono::milliseconds(50)));
    expect_all_accounted_for(batch);
  }
}

TEST(ZmqSender, SendsAgainAfterAFlush) {
  Subscriber subscriber(kAnyPort);
  const auto sender = open_zmq(subscriber.endpoint() + "?" + kForEver);
  EXPECT_TRUE(sender->flush(std::chrono::nanoseconds(0)));
  expect_delivery(*sender, subscriber, {"before"});
  EXPECT_TRUE(sender->flush(std::chrono::seconds(60)));
  expect_delivery(*sender, subscriber, {"after"});
}

// Pending events for a monitor must not stop the thread that ends all its sockets.
TEST(ZmqSender, ConfirmsItsFlushWhateverBecameOfOthersBefore) {
  Subscriber subscriber(kAnyPort);
  const auto keeps_the_context = open_zmq("tcp://127.0.0.1:1");
  for (int i = 0; i < 20; ++i) open_zmq(subscriber.endpoint());
  const auto sender = open_zmq(subscriber.endpoint() + "?" + kForEver);
  expect_delivery(*sender, subscriber, {"a message"});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(sender->flush(std::chrono::seconds(60)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(ZmqSender, LosesAsForkedInAChild) {
  Subscriber subscriber(kAnyPort);
  auto sender = open_zmq(subscriber.endpoint() + "?" + kForEver);
  expect_delivery(*sender, subscriber, {"parent"});
  const pid_t child = ::fork();
  if (child == 0) {
    Batch batch = batch_of({"child"});
    const SendResult result = sender->send(batch);
    sender.reset();
    const bool is_right = result == SendResult::kLost && batch.lost()[LossReason::kForked] == 1 &&
                          batch.user_count() == batch.sent_count() + batch.lost().total();
    ::_exit(is_right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  expect_delivery(*sender, subscriber, {"parent still"});
}

TEST(ZmqSender, SaysWhatIsWrongWithItsUrl) {
  const auto error = [](const std::string& url) {
    return std::string(ZmqSender::open(*parse_url(url)).status().message());
  };
  EXPECT_THAT(error("tcp://127.0.0.1"), HasSubstr("lacks a port"));
  EXPECT_THAT(error("ipc://"), HasSubstr("lacks a path"));
  EXPECT_THAT(error("ipc://" + std::string(200, 'x')), HasSubstr("cannot connect"));
  EXPECT_THAT(error("tcp://127.0.0.1:1?sndhwm=5"),
              HasSubstr("takes batch, max_frame, hwm, max_message, heartbeat_ms, reconnect_ms"));
  EXPECT_THAT(error("tcp://127.0.0.1:1?hwm=0"), HasSubstr("1..1000000"));
}

}  // namespace
}  // namespace metlog
