#include "senders/zmq/zmq_handshake.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <memory>
#include <thread>

#include "metlog/internal/flush/send_queue.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/answerer.h"
#include "tests/senders/descriptor_limit.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using State = ZmqHandshake::State;
using TimePoint = ZmqHandshake::TimePoint;

constexpr TimePoint kStart{std::chrono::hours(1)};

std::unique_ptr<ZmqHandshake> open_handshake(const std::string& endpoint, milliseconds timeout,
                                             milliseconds livecheck) {
  auto handshake = ZmqHandshake::open(
      {.endpoint = endpoint, .timeout = timeout, .livecheck = livecheck}, kStart);
  EXPECT_TRUE(handshake.ok()) << handshake.status();
  return *std::move(handshake);
}

/// Looks at one moment until libzmq has brought the answer.
void poll_until(ZmqHandshake& handshake, State wanted, TimePoint now) {
  while (handshake.poll(now) != wanted) std::this_thread::yield();
}

TEST(ZmqHandshake, AsksUntilAnAnswerComes) {
  Answerer router;
  const auto handshake = open_handshake(router.endpoint(), milliseconds(100), milliseconds(1000));
  EXPECT_EQ(handshake->poll(kStart), State::kAsking);
  EXPECT_TRUE(router.attend(10'000));
  poll_until(*handshake, State::kAnswered, kStart);
  EXPECT_EQ(handshake->until_next_poll(kStart), milliseconds(1000));
}

TEST(ZmqHandshake, IsSilentAfterTheTimeoutAndAsksAgain) {
  const TempDir dir;
  const std::string endpoint = "ipc://" + dir.file("handshake");
  const auto handshake = open_handshake(endpoint, milliseconds(300), milliseconds(1000));
  EXPECT_EQ(handshake->poll(kStart + milliseconds(299)), State::kAsking);
  EXPECT_EQ(handshake->poll(kStart + milliseconds(300)), State::kSilent);
  Answerer router(endpoint);
  EXPECT_EQ(handshake->poll(kStart + milliseconds(1299)), State::kSilent);
  EXPECT_TRUE(router.receive(0).empty()) << "it is not yet time to ask";
  EXPECT_EQ(handshake->poll(kStart + milliseconds(1300)), State::kSilent);
  EXPECT_TRUE(router.attend(10'000));
  // libzmq closes the first question's socket in the background, so that the router may have
  // answered the first question instead of the second.
  while (handshake->poll(kStart + milliseconds(1300)) != State::kAnswered) router.attend(1);
}

TEST(ZmqHandshake, KeepsWhatItKnowsWhileItAsksAgain) {
  Answerer router;
  const auto handshake = open_handshake(router.endpoint(), milliseconds(100), milliseconds(1000));
  EXPECT_TRUE(router.attend(10'000));
  poll_until(*handshake, State::kAnswered, kStart);
  const TimePoint again = kStart + milliseconds(1000);
  EXPECT_EQ(handshake->poll(again), State::kAnswered);
  EXPECT_EQ(handshake->poll(again + milliseconds(99)), State::kAnswered);
  EXPECT_EQ(handshake->poll(again + milliseconds(100)), State::kSilent);
}

TEST(ZmqHandshake, KeepsWhatItKnowsWhileThereAreTooFewDescriptorsToAsk) {
  Answerer router;
  const auto handshake = open_handshake(router.endpoint(), milliseconds(100), milliseconds(1000));
  EXPECT_TRUE(router.attend(10'000));
  poll_until(*handshake, State::kAnswered, kStart);
  {
    const DescriptorLimit limit(2);  // libzmq would end the process
    EXPECT_EQ(handshake->poll(kStart + milliseconds(1000)), State::kAnswered);
    EXPECT_EQ(handshake->poll(kStart + milliseconds(1200)), State::kAnswered);
  }
  EXPECT_EQ(handshake->poll(kStart + milliseconds(2000)), State::kAnswered);
  EXPECT_TRUE(router.attend(10'000)) << "it goes on asking";
}

/// A sender that asks `router`, and the subscriber that it sends to.
class AskingSender {
 public:
  AskingSender(const std::string& router, const std::string& options) {
    auto sender = ZmqSender::open(
        *parse_url(subscriber.endpoint() + "?hold_ms=3600000&handshake=" + router + "&" + options));
    EXPECT_TRUE(sender.ok()) << sender.status();
    if (sender.ok()) sender_ = *std::move(sender);
  }
  Sender& operator*() { return *sender_; }
  Sender* operator->() { return sender_.get(); }

  Subscriber subscriber{"tcp://127.0.0.1:*"};

 private:
  std::unique_ptr<Sender> sender_;
};

TEST(ZmqHandshakeSender, IsOpenedWithoutWaitingForAnAnswer) {
  const TempDir dir;
  AskingSender sender("ipc://" + dir.file("absent"), "handshake_timeout=3600000");
  Batch batch = batch_of({"a"});
  EXPECT_EQ(sender->send(batch), SendResult::kBusy) << "the message waits, not the program";
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
}

TEST(ZmqHandshakeSender, SendsOnceTheRouterHasAnswered) {
  Answerer router;
  AskingSender sender(router.endpoint(), "handshake_timeout=3600000");
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send_until_settled(*sender, batch,
                               [&] {
                                 router.attend();
                                 sender.subscriber.attend();
                               }),
            SendResult::kSent);
  std::string frame;
  EXPECT_TRUE(sender.subscriber.receive(frame, 10'000));
  EXPECT_EQ(frame, "a");
  EXPECT_EQ(batch.sent_count(), 2U);
  expect_all_accounted_for(batch);
}

TEST(ZmqHandshakeSender, LosesAtOnceWhileTheRouterIsSilentThoughSomebodyListens) {
  const TempDir dir;
  AskingSender sender("ipc://" + dir.file("absent"), "handshake_timeout=20");
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { sender.subscriber.attend(); }),
            SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 2U);
  expect_all_accounted_for(batch);
  Batch next = batch_of({"c"});
  EXPECT_EQ(sender->send(next), SendResult::kLost);
  EXPECT_EQ(next.lost()[LossReason::kNoReceiver], 1U);
  expect_all_accounted_for(next);
  std::string frame;
  EXPECT_FALSE(sender.subscriber.receive(frame, 0));
}

TEST(ZmqHandshakeSender, AsksInTheBackgroundWhileIdle) {
  Answerer router;
  Subscriber subscriber("tcp://127.0.0.1:*");
  auto sender = ZmqSender::open(*parse_url(subscriber.endpoint() +
                                           "?hold_ms=3600000&livecheck=0.01&handshake_timeout=1" +
                                           "&handshake=" + router.endpoint()));
  ASSERT_TRUE(sender.ok()) << sender.status();
  SendQueue lane(*std::move(sender), {});
  ASSERT_TRUE(lane.start().ok());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(router.attend(10'000));
  EXPECT_EQ(lane.counts().sent, 0U);
}

TEST(ZmqHandshakeSender, LosesAsForkedInAChildThatHasAnOpenQuestion) {
  Answerer router;
  AskingSender sender(router.endpoint(), "handshake_timeout=3600000");
  EXPECT_FALSE(router.receive().empty());
  const pid_t child = ::fork();
  if (child == 0) {
    Batch batch = batch_of({"child"});
    const bool is_lost = sender->send(batch) == SendResult::kLost;
    ::_exit(is_lost && batch.lost()[LossReason::kForked] == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  router.answer();
  Batch batch = batch_of({"parent"});
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { sender.subscriber.attend(); }),
            SendResult::kSent);
  expect_all_accounted_for(batch);
}

TEST(ZmqHandshakeSender, SaysWhatIsWrongWithItsUrl) {
  const auto error = [](const std::string& options) {
    return std::string(
        ZmqSender::open(*parse_url("tcp://127.0.0.1:1?" + options)).status().message());
  };
  EXPECT_THAT(error("handshake=127.0.0.1:2"), HasSubstr("option handshake: '127.0.0.1:2' is no"));
  EXPECT_THAT(error("handshake="), HasSubstr("option handshake: '' is no"));
  EXPECT_THAT(error("handshake=tcp://127.0.0.1:2,127.0.0.1:3"), HasSubstr("names 2; name one"));
  EXPECT_THAT(error("handshake_timeout=5"), HasSubstr("needs handshake=ENDPOINT"));
  EXPECT_THAT(error("handshake=tcp://127.0.0.1:2&livecheck=0"), HasSubstr("0.01..86400 seconds"));
}

}  // namespace
}  // namespace metlog
