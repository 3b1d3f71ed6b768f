// How a connecting ZMQ socket keeps its connection, and what it counts of it.

#include "senders/zmq/zmq_link.h"

#include <gmock/gmock.h>
#include <zmq.h>

#include <chrono>
#include <memory>
#include <string>

#include "metlog/metlog.h"
#include "senders/zmq/zmq_connection.h"
#include "senders/zmq/zmq_sender.h"
#include "senders/zmq/zmq_settings.h"
#include "tests/senders/relay.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tests/senders/without_session.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr char kAnyPort[] = "tcp://127.0.0.1:*";

std::unique_ptr<Sender> open_zmq(const std::string& url) {
  auto sender = ZmqSender::open(*parse_url(url));
  if (!sender.ok()) ADD_FAILURE() << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

void deliver(Sender& sender, Subscriber& subscriber, const std::string& message) {
  Batch batch = batch_of({message});
  EXPECT_EQ(send_until_settled(sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  EXPECT_THAT(receive(subscriber, 1), testing::ElementsAre(message));
  expect_all_accounted_for(batch);
}

/// Lets the sender look at its connection until `is_reached`; false after ten seconds.
template <typename Condition>
bool await(Sender& sender, Condition is_reached) {
  const auto limit = steady_clock::now() + seconds(10);
  while (!is_reached(sender.connections())) {
    if (steady_clock::now() >= limit) return false;
    sender.flush(milliseconds(1));
  }
  return true;
}

int option_of(const ZmqConnection& connection, int option) {
  int value = -1;
  std::size_t size = sizeof value;
  EXPECT_EQ(::zmq_getsockopt(connection.socket(), option, &value, &size), 0);
  return value;
}

TEST(ZmqLink, TakesItsTimesFromTheUrl) {
  const auto settings = zmq_settings(
      *parse_url("tcp://127.0.0.1:1?heartbeat_ms=700&reconnect_ms=30&reconnect_max_ms=400"));
  ASSERT_TRUE(settings.ok()) << settings.status();
  LiveConnectionCounts counts;
  const auto connection = ZmqConnection::open("tcp://127.0.0.1:1", {1, settings->link, &counts});
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ(option_of(**connection, ZMQ_HEARTBEAT_IVL), 700);
  EXPECT_EQ(option_of(**connection, ZMQ_HEARTBEAT_TIMEOUT), 700);
  EXPECT_EQ(option_of(**connection, ZMQ_TCP_MAXRT), 1400);
  EXPECT_EQ(option_of(**connection, ZMQ_RECONNECT_IVL), 30);
  EXPECT_EQ(option_of(**connection, ZMQ_RECONNECT_IVL_MAX), 400);
  EXPECT_EQ(option_of(**connection, ZMQ_TCP_KEEPALIVE), 1);
}

TEST(ZmqLink, SendsNoHeartbeatsByDefaultAndDoublesItsPauses) {
  LiveConnectionCounts counts;
  const auto connection = ZmqConnection::open("tcp://127.0.0.1:1", {1, {}, &counts});
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ(option_of(**connection, ZMQ_HEARTBEAT_IVL), 0);
  EXPECT_EQ(option_of(**connection, ZMQ_RECONNECT_IVL), 100);
  EXPECT_EQ(option_of(**connection, ZMQ_RECONNECT_IVL_MAX), 1000);
  const auto slow = zmq_settings(*parse_url("tcp://127.0.0.1:1?reconnect_ms=5000"));
  EXPECT_EQ(slow->link.reconnect_max, milliseconds(5000));
}

TEST(ZmqLink, RefusesALongestPauseThatIsShorterThanTheFirst) {
  const auto wrong =
      zmq_settings(*parse_url("tcp://127.0.0.1:1?reconnect_ms=50&reconnect_max_ms=49"));
  EXPECT_THAT(wrong.status().message(), HasSubstr("reconnect_max_ms='49'"));
  EXPECT_THAT(wrong.status().message(), HasSubstr("is less than reconnect_ms=50"));
}

TEST(ZmqLink, NoticesByItsHeartbeatThatAPeerHasGoneSilent) {
  Subscriber subscriber(kAnyPort);
  Relay relay(subscriber.endpoint());
  const auto sender = open_zmq(relay.endpoint() + "?heartbeat_ms=100&hold_ms=50");
  while (sender->connections().up == 0) {
    sender->flush(milliseconds(1));
    subscriber.attend();
  }
  deliver(*sender, subscriber, "before");

  relay.fall_silent();
  Batch in_flight = batch_of({"in flight"});
  EXPECT_EQ(send_until_settled(*sender, in_flight), SendResult::kSent);
  const auto begin = steady_clock::now();
  // No flush here: the relay's kernel has the message, which is all that a flush could say.
  while (sender->connections().up != 0 && steady_clock::now() - begin < seconds(10)) sender->idle();
  EXPECT_LT(steady_clock::now() - begin, seconds(5))
      << "200 ms, and the next look of an idle sender";
  EXPECT_FALSE(sender->flush(milliseconds(0))) << "what was in flight may not have arrived";

  // The relay's kernel takes the next connection, and nobody answers there.
  Batch later = batch_of({"later"});
  EXPECT_EQ(send_until_settled(*sender, later), SendResult::kLost);
  EXPECT_EQ(later.lost()[LossReason::kNoReceiver], 1U);
  expect_all_accounted_for(later);
  EXPECT_EQ(sender->connections().disconnected, 1U);

  relay.go_on();
  while (sender->connections().up == 0) {
    sender->flush(milliseconds(1));
    subscriber.attend();
  }
  EXPECT_EQ(sender->connections().connected, 2U);
}

TEST(ZmqLink, CountsWhatHappensToItsConnection) {
  const TempDir dir;
  const std::string endpoint = "ipc://" + dir.file("socket");
  const auto sender = open_zmq(endpoint + "?reconnect_ms=1&reconnect_max_ms=2&hold_ms=3600000");
  EXPECT_TRUE(await(*sender, [](const ConnectionCounts& now) { return now.failed >= 2; }));
  EXPECT_EQ(sender->connections().connected, 0U);

  auto subscriber = std::make_unique<Subscriber>(endpoint);
  deliver(*sender, *subscriber, "heard");
  EXPECT_EQ(sender->connections().up, 1U);
  EXPECT_EQ(sender->connections().connected, 1U);
  EXPECT_EQ(sender->connections().disconnected, 0U);

  subscriber.reset();
  EXPECT_TRUE(await(*sender, [](const ConnectionCounts& now) { return now.up == 0; }));
  EXPECT_EQ(sender->connections().disconnected, 1U);
  EXPECT_EQ(sender->connections().refused, 0U);
}

TEST(ZmqLink, CountsAPeerThatDoesNotAgreeAsRefused) {
  Relay relay("tcp://127.0.0.1:1");
  const auto sender = open_zmq(relay.endpoint() + "?reconnect_ms=1&hold_ms=0");
  EXPECT_TRUE(await(*sender, [](const ConnectionCounts& now) { return now.refused >= 1; }));
  EXPECT_EQ(sender->connections().connected, 0U);
}

TEST(ZmqLink, IsShownInTheAccountOfAClientsDestination) {
  Engine engine(without_session());
  Subscriber subscriber(kAnyPort);
  Client log = engine.open(subscriber.endpoint() + "?batch=0").value();
  METLOG_INFO(log, "hello");
  const auto limit = steady_clock::now() + seconds(10);
  while (log.stats().sent == 0 && steady_clock::now() < limit) subscriber.attend();
  EXPECT_EQ(receive(subscriber, 1).size(), 1U);
  const ConnectionCounts counts = log.outputs().at(0).connections;
  EXPECT_EQ(counts.up, 1U);
  EXPECT_EQ(counts.connected, 1U);
  log.close(seconds(10));
  EXPECT_EQ(log.outputs().at(0).connections, counts) << "as it was at the end";
  EXPECT_EQ(log.stats().unexplained(), 0);
}

}  // namespace
}  // namespace metlog
