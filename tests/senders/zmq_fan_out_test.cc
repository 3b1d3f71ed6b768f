// A ZmqSender with several endpoints.

#include <gmock/gmock.h>

#include <memory>
#include <thread>

#include "senders/zmq/zmq_sender.h"
#include "tests/senders/frame_log.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::HasSubstr;

constexpr int kPatienceMs = 10'000;
constexpr char kAnyPort[] = "tcp://127.0.0.1:*";
constexpr char kForEver[] = "hold_ms=3600000";

/// A sender and batches that count on, as a lane gives them to it.
class FanOut {
 public:
  explicit FanOut(const std::string& url) {
    auto sender = ZmqSender::open(*parse_url(url));
    EXPECT_TRUE(sender.ok()) << sender.status();
    sender_ = *std::move(sender);
  }
  [[nodiscard]] Sender& sender() { return *sender_; }

  Batch next_batch(const std::vector<std::string>& messages) {
    Batch batch = batch_of(messages);
    batch.first_sequence = next_sequence_;
    next_sequence_ += messages.size();
    return batch;
  }

 private:
  std::unique_ptr<Sender> sender_;
  std::uint64_t next_sequence_ = 0;
};

/// A list whose second is the first's neighbour.
std::string both(const Subscriber& one, const Subscriber& other) {
  return one.endpoint() + "," + other.endpoint().substr(sizeof("tcp://") - 1);
}

TEST(ZmqFanOut, SendsEveryMessageToEveryEndPoint) {
  const TempDir dir;
  Subscriber one(kAnyPort);
  Subscriber two(kAnyPort);
  Subscriber three("ipc://" + dir.file("a,b"));
  FanOut fan_out(both(one, two) + "?also=ipc://" + dir.file("a%252Cb") + "&" + kForEver);
  const std::vector<std::string> messages = {"a", "", "c"};
  Batch batch = fan_out.next_batch(messages);
  const auto attend = [&] {
    for (Subscriber* const subscriber : {&one, &two, &three}) subscriber->attend();
  };
  EXPECT_EQ(send_until_settled(fan_out.sender(), batch, attend), SendResult::kSent);
  for (Subscriber* const subscriber : {&one, &two, &three}) {
    EXPECT_EQ(receive(*subscriber, 3), messages);
  }
  EXPECT_EQ(batch.sent_count(), 3U);
  expect_all_accounted_for(batch);
}

TEST(ZmqFanOut, BatchesForEach) {
  Subscriber one(kAnyPort);
  Subscriber two(kAnyPort);
  FanOut fan_out(both(one, two) + "?batch=1&max_frame=1024&" + kForEver);
  const auto messages = numbered_messages(9, 243);
  Batch batch = fan_out.next_batch(messages);
  const auto attend = [&] {
    one.attend();
    two.attend();
  };
  EXPECT_EQ(send_until_settled(fan_out.sender(), batch, attend), SendResult::kSent);
  for (Subscriber* const subscriber : {&one, &two}) {
    FrameLog log;
    for (const std::string& frame : receive(*subscriber, 3)) EXPECT_TRUE(log.add(frame));
    EXPECT_EQ(log.messages, messages);
    EXPECT_EQ(log.missing, 0U);
  }
  expect_all_accounted_for(batch);
}

TEST(ZmqFanOut, LosesForAllWhatIsTooLong) {
  Subscriber one(kAnyPort);
  Subscriber two(kAnyPort);
  for (const std::string framing : {"batch=0", "batch=1&max_frame=1024"}) {
    FanOut fan_out(both(one, two) + "?max_message=100&" + framing + "&" + kForEver);
    const std::string fits(100, 'x');
    Batch batch = fan_out.next_batch({"a", fits + "x", fits, "b", fits + "x"});
    const auto attend = [&] {
      one.attend();
      two.attend();
    };
    EXPECT_EQ(send_until_settled(fan_out.sender(), batch, attend), SendResult::kSent);
    for (Subscriber* const subscriber : {&one, &two}) {
      if (framing == "batch=0") {
        EXPECT_THAT(receive(*subscriber, 3), testing::ElementsAre("a", fits, "b"));
        continue;
      }
      FrameLog log;
      for (const std::string& frame : receive(*subscriber, 2)) EXPECT_TRUE(log.add(frame));
      EXPECT_THAT(log.messages, testing::ElementsAre("a", fits, "b"));
    }
    EXPECT_EQ(batch.lost()[LossReason::kTooLong], 2U);
    expect_all_accounted_for(batch);
  }
}

TEST(ZmqFanOut, WaitsOnceForAnEndpointWithoutAListenerWhileTheOtherHasTheBatch) {
  const TempDir dir;
  Subscriber one(kAnyPort);
  FanOut fan_out(one.endpoint() + "?hold_ms=300&also=ipc://" + dir.file("absent"));
  Batch batch = fan_out.next_batch({"a", "b"});
  std::vector<std::string> received;
  std::string frame;
  while (fan_out.sender().send(batch) == SendResult::kBusy) {
    if (one.receive(frame, 1)) received.push_back(frame);
  }
  EXPECT_THAT(received, testing::ElementsAre("a", "b")) << "while the other is waited for";
  EXPECT_EQ(batch.sent_count(), 0U);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 2U);
  expect_all_accounted_for(batch);

  Batch next = fan_out.next_batch({"c"});
  EXPECT_EQ(fan_out.sender().send(next), SendResult::kLost) << "and is waited for no more";
  EXPECT_THAT(receive(one, 1), testing::ElementsAre("c"));
  EXPECT_EQ(next.lost()[LossReason::kNoReceiver], 1U);
  expect_all_accounted_for(next);
}

TEST(ZmqFanOut, CountsAsSentAgainOnceTheLastEndPointHears) {
  const TempDir dir;
  Subscriber one(kAnyPort);
  FanOut fan_out(one.endpoint() + "?hold_ms=0&also=ipc://" + dir.file("late"));
  std::uint64_t offered = 0;
  std::uint64_t lost = 0;
  const auto send_until = [&](SendResult wanted, Subscriber& subscriber) {
    SendResult result = SendResult::kBusy;
    do {
      Batch batch = fan_out.next_batch({std::to_string(offered++)});
      result = fan_out.sender().send(batch);
      lost += batch.lost().total();
      expect_all_accounted_for(batch);
      subscriber.attend();
      std::string frame;
      one.receive(frame, 0);
    } while (result != wanted);
  };
  send_until(SendResult::kLost, one);
  Subscriber late("ipc://" + dir.file("late"));
  send_until(SendResult::kSent, late);
  // It may have had some before, which the other had no room for.
  const std::string last = std::to_string(offered - 1);
  std::string frame;
  while (frame != last && late.receive(frame, kPatienceMs)) {
  }
  EXPECT_EQ(frame, last);
  EXPECT_EQ(lost, offered - 1);
}

TEST(ZmqFanOut, IsSlowedDownByTheSlowestReaderAndLosesNothing) {
  Subscriber one(kAnyPort);
  Subscriber slow(kAnyPort);
  FanOut fan_out(both(one, slow) + "?hwm=2&" + kForEver);
  const auto messages = numbered_messages(60, 1 << 18);
  Batch batch = fan_out.next_batch(messages);
  std::vector<std::string> of_one;
  std::vector<std::string> of_slow;
  std::string frame;
  int turn = 0;
  const auto read = [&] {
    while (one.receive(frame, 0)) of_one.push_back(frame);
    if (++turn % 3 == 0 && slow.receive(frame, 1)) of_slow.push_back(frame);
  };
  EXPECT_EQ(send_until_settled(fan_out.sender(), batch, read), SendResult::kSent);
  for (const std::string& rest : receive(one, messages.size() - of_one.size())) {
    of_one.push_back(rest);
  }
  for (const std::string& rest : receive(slow, messages.size() - of_slow.size())) {
    of_slow.push_back(rest);
  }
  EXPECT_EQ(of_one, messages);
  EXPECT_EQ(of_slow, messages);
  EXPECT_EQ(batch.sent_count(), messages.size());
  expect_all_accounted_for(batch);
}

TEST(ZmqFanOut, GivesUpOnAnEndPointThatReadsNothingAndLosesNothingOfTheOthers) {
  Subscriber reading(kAnyPort);
  Subscriber idle(kAnyPort);
  FanOut fan_out(both(reading, idle) + "?hwm=1&hold_ms=100");
  const auto messages = numbered_messages(40, 1 << 18);
  std::vector<std::string> frames;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::string frame;
  for (const std::string& message : messages) {
    Batch batch = fan_out.next_batch({message});
    send_until_settled(fan_out.sender(), batch, [&] {
      if (sent == 0) idle.attend();
      if (reading.receive(frame, 1)) frames.push_back(frame);
    });
    sent += batch.sent_count();
    lost += batch.lost()[LossReason::kQueueFull];
    expect_all_accounted_for(batch);
    // Its own queue is empty before the next: it is never the one that is waited for.
    while (frames.size() < sent + lost && reading.receive(frame, kPatienceMs)) {
      frames.push_back(frame);
    }
  }
  EXPECT_EQ(frames, messages);
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(sent + lost, messages.size());
}

TEST(ZmqFanOut, SendsNoFrameOfMessagesThatItHasGivenUp) {
  Subscriber reading(kAnyPort);
  Subscriber idle(kAnyPort);
  FanOut fan_out(both(reading, idle) + "?batch=1&hwm=1&hold_ms=100");
  FrameLog seen;
  std::vector<std::string> sent;
  std::string frame;
  const auto send = [&](const std::string& message, bool is_idle) {
    Batch batch = fan_out.next_batch({message});
    send_until_settled(fan_out.sender(), batch, [&] {
      reading.receive(frame, 1);
      if (!is_idle && idle.receive(frame, 1)) seen.add(frame);
      if (sent.empty()) idle.attend();
    });
    if (batch.sent_count() == 1) sent.push_back(message);
    expect_all_accounted_for(batch);
    return batch.sent_count() == 1;
  };
  std::size_t number = 0;
  const auto next = [&] { return std::to_string(number++) + std::string(1 << 18, 'm'); };
  while (number < 1000 && send(next(), true)) continue;
  ASSERT_LT(number, 1000U);
  while (seen.messages.size() < sent.size() && idle.receive(frame, kPatienceMs)) seen.add(frame);
  while (number < 2000 && !send(next(), false)) continue;
  while (seen.messages.size() < sent.size() && idle.receive(frame, kPatienceMs)) seen.add(frame);
  EXPECT_EQ(seen.messages, sent);
}

TEST(ZmqFanOut, FlushesOneWhileAnotherReadsNothing) {
  Subscriber reading(kAnyPort);
  Subscriber idle(kAnyPort);
  FanOut fan_out(both(reading, idle) + "?" + kForEver);
  const auto messages = numbered_messages(50, 1 << 18);
  Batch batch = fan_out.next_batch(messages);
  const auto attend = [&] {
    reading.attend();
    idle.attend();
  };
  EXPECT_EQ(send_until_settled(fan_out.sender(), batch, attend), SendResult::kSent);
  std::vector<std::string> frames;
  std::thread reader([&] { frames = receive(reading, messages.size()); });
  EXPECT_FALSE(fan_out.sender().flush(std::chrono::milliseconds(1000)));
  reader.join();
  EXPECT_EQ(frames, messages);
  expect_all_accounted_for(batch);
}

TEST(ZmqFanOut, SaysWhatIsWrongWithItsList) {
  const auto error = [](const std::string& url) {
    return std::string(ZmqSender::open(*parse_url(url)).status().message());
  };
  EXPECT_THAT(error("tcp://127.0.0.1:1,127.0.0.1"), HasSubstr("lacks a port"));
  EXPECT_THAT(error("tcp://127.0.0.1:1?also=udp://127.0.0.1:1"),
              HasSubstr("option also: 'udp://127.0.0.1:1' is no ZeroMQ endpoint"));
  EXPECT_THAT(error("tcp://127.0.0.1:1?also=ipc:///x?hwm=5"), HasSubstr("is no ZeroMQ endpoint"));
  EXPECT_THAT(error("tcp://127.0.0.1:1,127.0.0.1:2?handshake=tcp://127.0.0.1:3"),
              HasSubstr("needs a single endpoint"));
}

}  // namespace
}  // namespace metlog
