// The original's ZeroMQ senders: tests/golden/zmq_senders.json, statements 124 to 137.

#include <gmock/gmock.h>
#include <simdjson.h>
#include <zmq.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metlog/providers.h"
#include "senders/reference/reference_senders.h"
#include "senders/zmq/zmq_connection.h"
#include "senders/zmq/zmq_handshake.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/answerer.h"
#include "tests/senders/captured_stderr.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using simdjson::dom::element;
using std::chrono::milliseconds;
using State = ZmqHandshake::State;

constexpr ZmqHandshake::TimePoint kStart{std::chrono::hours(1)};

std::vector<std::string> texts(const element& list) {
  std::vector<std::string> found;
  for (const element one : list.get_array()) found.emplace_back(one.get_string().value());
  return found;
}

std::int64_t number(const element& golden, std::string_view name) {
  return golden[name].get_int64();
}

std::unique_ptr<ZmqHandshake> ask(const std::string& endpoint, milliseconds timeout,
                                  milliseconds livecheck = milliseconds(10'000)) {
  return ZmqHandshake::open({.endpoint = endpoint, .timeout = timeout, .livecheck = livecheck},
                            kStart)
      .value();
}

SenderSpec plan(const std::string& name, const ValueMap& named) {
  const absl::StatusOr<SenderSpec> planned = plan_sender("metlog.senders.zmq." + name, {{}, named});
  EXPECT_TRUE(planned.ok()) << planned.status();
  return *planned;
}

std::unique_ptr<Sender> open_planned(const SenderSpec& planned) {
  return planned.connect().value();
}

/// Sends the golden frames, and compares what is read.
void expect_frames(const element& golden, Sender& sender, Subscriber& subscriber,
                   const std::function<void()>& attend) {
  const std::vector<std::string> frames = texts(golden["frames"]);
  Batch batch = batch_of(frames);
  EXPECT_EQ(send_until_settled(sender, batch,
                               [&] {
                                 attend();
                                 subscriber.attend();
                               }),
            SendResult::kSent);
  for (const std::string& expected : frames) {
    std::string frame;
    EXPECT_TRUE(subscriber.receive(frame, 10'000));
    EXPECT_EQ(frame, expected);
  }
  EXPECT_EQ(batch.sent_count(), frames.size());
  expect_all_accounted_for(batch);
}

void initial_state(const element& golden) {
  Answerer router;
  const bool is_connected = golden["connected"].get_bool();
  EXPECT_EQ(ask(router.endpoint(), milliseconds(100))->poll(kStart) == State::kAnswered,
            is_connected);
}

void handshake_request_frames(const element& golden) {
  Answerer router;
  const auto handshake = ask(router.endpoint(), milliseconds(100));
  EXPECT_EQ(router.receive(), texts(golden["frames_after_identity"]));
}

void handshake_nonempty_reply_accepted(const element&) {
  Answerer router;
  const auto handshake = ask(router.endpoint(), milliseconds(100));
  EXPECT_FALSE(router.receive().empty());
  router.answer("whatever");
  while (handshake->poll(kStart) != State::kAnswered) std::this_thread::yield();
}

void handshake_no_reply(const element& golden) {
  Answerer router;
  const milliseconds timeout(number(golden, "about_ms"));
  const auto handshake = ask(router.endpoint(), timeout);
  EXPECT_EQ(handshake->poll(kStart + timeout - milliseconds(1)), State::kAsking);
  EXPECT_EQ(handshake->poll(kStart + timeout), State::kSilent);
}

void published_frames(const element& golden) {
  Answerer router;
  Subscriber subscriber("tcp://127.0.0.1:*");
  const auto sender =
      open_planned(plan("ZmqHandshakePubSender", {{"handshake_bind", router.endpoint()},
                                                  {"connect_bind", subscriber.endpoint()},
                                                  {"handshake_timeout", 3'600'000}}));
  expect_frames(golden, *sender, subscriber, [&] { router.attend(); });
}

void pool_sender_no_backend(const element& golden) {
  const TempDir dir;
  const std::string line(golden["stderr"].get_string().value());
  for (const bool debug : {false, true}) {
    const auto sender = open_planned(
        plan("ZmqHandshakePubSender", {{"handshake_bind", "ipc://" + dir.file("handshake")},
                                       {"connect_bind", "ipc://" + dir.file("messages")},
                                       {"handshake_timeout", 1},
                                       {"debug_stderr", debug}}));
    Batch batch = batch_of({line.substr(0, line.size() - 1)});
    const CapturedStderr captured;
    EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kLost);
    EXPECT_EQ(captured.text(), debug ? line + line : line);
    EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 1U);
    expect_all_accounted_for(batch);
  }
}

void pub_sender_frames(const element& golden) {
  Subscriber subscriber("tcp://127.0.0.1:*");
  const auto sender = open_planned(plan("ZmqPubSender", {{"bindstrs", subscriber.endpoint()}}));
  expect_frames(golden, *sender, subscriber, [] {});
}

void pub_debug_stderr(const element& golden) {
  Subscriber one("tcp://127.0.0.1:*");
  Subscriber two("tcp://127.0.0.1:*");
  const ValueList both{one.endpoint(), two.endpoint()};
  ZmqPool pool = *read_zmq_pub({{}, {{"bindstrs", both}, {"debug_stderr", true}}});
  pool.each.hold = std::chrono::hours(1);
  const auto sender = ZmqSender::open(pool.each).value();
  const std::string message(golden["a"].get_string().value());
  Batch batch = batch_of({message});
  const CapturedStderr captured;
  EXPECT_EQ(send_until_settled(*sender, batch,
                               [&] {
                                 one.attend();
                                 two.attend();
                               }),
            SendResult::kSent);
  EXPECT_EQ(captured.text(), golden["stderr"].get_string().value());
  for (Subscriber* const subscriber : {&one, &two}) {
    std::string frame;
    EXPECT_TRUE(subscriber->receive(frame, 10'000));
    EXPECT_EQ(frame, message);
  }
  expect_all_accounted_for(batch);
}

void livecheck_calls(const element& golden) {
  const std::int64_t livecheck_ms = std::llround(golden["livecheck_s"].get_double().value() * 1000);
  const std::int64_t size = number(golden, "size");
  Answerer router;
  std::int64_t calls = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const auto handshake =
        ask(router.endpoint(), milliseconds(100'000), milliseconds(livecheck_ms));
    for (milliseconds at(0); at <= milliseconds(500); at += milliseconds(1)) {
      handshake->poll(kStart + at);
      if (at.count() % livecheck_ms != 0) continue;
      // The answer comes within the same moment.
      calls += router.attend(10'000) ? 1 : 0;
      while (handshake->until_next_poll(kStart + at) != milliseconds(livecheck_ms)) {
        handshake->poll(kStart + at);
      }
    }
  }
  EXPECT_EQ(calls, number(golden, "calls_in_half_second"));
}

void simple_client(const element& golden) {
  const auto hwm = static_cast<int>(number(golden, "hwm"));
  LiveConnectionCounts counts;
  const auto link = ZmqConnection::open("tcp://127.0.0.1:1", {hwm, {}, &counts}).value();
  const auto option = [&](int name) {
    int value = -1;
    std::size_t size = sizeof value;
    EXPECT_EQ(::zmq_getsockopt(link->socket(), name, &value, &size), 0);
    return value;
  };
  EXPECT_EQ(option(ZMQ_SNDHWM), hwm);
  EXPECT_EQ(option(ZMQ_LINGER), number(golden, "linger"));
  // A PUB that sees who subscribes.
  EXPECT_EQ(option(ZMQ_TYPE), ZMQ_XPUB);
}

using Case = std::function<void(const element& golden)>;

const std::map<std::string, Case, std::less<>>& replayed() {
  static const std::map<std::string, Case, std::less<>> kCases = {
      {"initial_state", initial_state},
      {"handshake_request_frames", handshake_request_frames},
      {"handshake_nonempty_reply_accepted", handshake_nonempty_reply_accepted},
      {"handshake_no_reply", handshake_no_reply},
      {"published_frames", published_frames},
      {"pool_sender_no_backend", pool_sender_no_backend},
      {"pub_sender_frames", pub_sender_frames},
      {"pub_debug_stderr", pub_debug_stderr},
      {"livecheck_calls", livecheck_calls},
      {"simple_client", simple_client},
  };
  return kCases;
}

/// Cases that docs/compatibility.md explains.
const std::map<std::string, std::string, std::less<>>& not_replayed() {
  static const std::map<std::string, std::string, std::less<>> kReasons = {
      {"constructor_blocks_for_each_client", "fixed: IsOpenedWithoutWaitingForAnAnswer"},
      {"pool_rotation", "a thread's messages take one connection"},
      {"pool_stop", "a lane ends its thread itself"},
      {"no_library", "libzmq is always there"},
  };
  return kReasons;
}

TEST(GoldenZmq, SendsAsTheOriginalDoes) {
  simdjson::dom::parser parser;
  const element golden = parser.load(METLOG_GOLDEN_DIR "/zmq_senders.json");
  std::size_t count = 0;
  for (const element one : golden["cases"]) {
    const std::string name(one["name"].get_string().value());
    SCOPED_TRACE(name);
    ++count;
    const auto found = replayed().find(name);
    if (found != replayed().end()) {
      found->second(one);
    } else {
      EXPECT_EQ(not_replayed().count(name), 1U) << "neither replayed nor explained";
    }
  }
  EXPECT_EQ(count, replayed().size() + not_replayed().size());
}

}  // namespace
}  // namespace metlog
