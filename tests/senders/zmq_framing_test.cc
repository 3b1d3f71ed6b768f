// Batched frames for readers that ask for them, plain messages for all others.

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/frame_log.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kPatienceMs = 10'000;
constexpr char kAnyPort[] = "tcp://127.0.0.1:*";
constexpr std::string_view kTopic = FrameHeader::kTopic;

/// Sends lists of messages one after the other, as a queue does, and accounts for each.
class Asking {
 public:
  explicit Asking(const std::string& url, const std::string& more = "") {
    auto sender = ZmqSender::open(*parse_url(url + "?batch=auto&hold_ms=3600000" + more));
    EXPECT_TRUE(sender.ok()) << sender.status();
    sender_ = *std::move(sender);
  }
  template <typename Meanwhile>
  void send(const std::vector<std::string>& messages, Meanwhile meanwhile) {
    Batch batch = batch_of(messages);
    batch.first_sequence = next_sequence_;
    next_sequence_ += messages.size();
    EXPECT_EQ(send_until_settled(*sender_, batch, meanwhile), SendResult::kSent);
    EXPECT_EQ(batch.sent_count(), messages.size());
    expect_all_accounted_for(batch);
  }
  void send(const std::vector<std::string>& messages, Subscriber& reader) {
    send(messages, [&] { reader.attend(); });
  }
  [[nodiscard]] Sender& sender() { return *sender_; }

 private:
  std::unique_ptr<Sender> sender_;
  std::uint64_t next_sequence_ = 0;
};

/// The next messages of a reader that takes both kinds of frames; `batched` counts the frames.
std::vector<std::string> read_both(Subscriber& reader, std::size_t count, std::size_t& batched) {
  std::vector<std::string> messages;
  std::string frame;
  while (messages.size() < count && reader.receive(frame, kPatienceMs)) {
    if (!is_batched_frame(frame)) {
      messages.push_back(frame);
      continue;
    }
    ++batched;
    FrameLog log;
    if (!log.add(frame)) return messages;
    messages.insert(messages.end(), log.messages.begin(), log.messages.end());
  }
  return messages;
}

TEST(ZmqFraming, APlainReaderGetsPlainMessages) {
  const TempDir dir;
  for (const std::string& endpoint : {std::string(kAnyPort), "ipc://" + dir.file("socket")}) {
    Subscriber reader(endpoint);
    Asking asking(reader.endpoint());
    const auto messages = numbered_messages(100, 50);
    asking.send(messages, reader);
    EXPECT_EQ(receive(reader, messages.size()), messages);
  }
}

TEST(ZmqFraming, AReaderThatAsksGetsAllInBatchedFrames) {
  const TempDir dir;
  for (const std::string& endpoint : {std::string(kAnyPort), "ipc://" + dir.file("socket")}) {
    Subscriber reader(endpoint);
    reader.ask_for_batches();
    Asking asking(reader.endpoint());
    const auto messages = numbered_messages(100, 50);
    asking.send(messages, reader);
    FrameLog log;
    std::string frame;
    ASSERT_TRUE(reader.receive(frame, kPatienceMs));
    ASSERT_TRUE(log.add(frame));
    EXPECT_EQ(log.messages, messages);
    EXPECT_EQ(log.missing, 0U);
  }
}

TEST(ZmqFraming, TheUrlDecidesForEveryReader) {
  Subscriber plain(kAnyPort);
  Subscriber asks(kAnyPort);
  asks.ask_for_batches();
  for (Subscriber* const reader : {&plain, &asks}) {
    for (const bool batched : {false, true}) {
      auto sender = ZmqSender::open(*parse_url(
          reader->endpoint() + (batched ? "?batch=1" : "?batch=0") + "&hold_ms=3600000"));
      ASSERT_TRUE(sender.ok()) << sender.status();
      Batch batch = batch_of({"one"});
      send_until_settled(**sender, batch, [&] { reader->attend(); });
      expect_all_accounted_for(batch);
      std::size_t frames = 0;
      EXPECT_THAT(read_both(*reader, 1, frames), ElementsAre("one"));
      EXPECT_EQ(frames, batched ? 1U : 0U);
    }
  }
}

TEST(ZmqFraming, EachOfSeveralEndpointsGetsWhatItAskedFor) {
  Subscriber plain(kAnyPort);
  Subscriber asks(kAnyPort);
  asks.ask_for_batches();
  Asking asking(plain.endpoint() + "," + asks.endpoint().substr(sizeof("tcp://") - 1));
  const auto messages = numbered_messages(60, 50);
  asking.send(messages, [&] {
    plain.attend();
    asks.attend();
  });
  EXPECT_EQ(receive(plain, messages.size()), messages);
  std::size_t frames = 0;
  EXPECT_EQ(read_both(asks, messages.size(), frames), messages);
  EXPECT_GT(frames, 0U);
}

/// Sends until the next message arrives in the other form; no message may be missing meanwhile.
void expect_switch(Asking& asking, Subscriber& reader, bool to_batched) {
  for (int i = 0;; ++i) {
    const std::vector<std::string> messages = {"one " + std::to_string(i), "two"};
    asking.send(messages, reader);
    std::size_t frames = 0;
    ASSERT_EQ(read_both(reader, 2, frames), messages);
    if ((frames > 0) == to_batched) return;
    std::this_thread::yield();
  }
}

TEST(ZmqFraming, FollowsAReaderThatChangesItsMindAndLosesNothing) {
  Subscriber reader(kAnyPort);
  Asking asking(reader.endpoint());
  expect_switch(asking, reader, false);
  reader.ask_for_batches();
  expect_switch(asking, reader, true);
  reader.refuse_batches();
  expect_switch(asking, reader, false);
}

TEST(ZmqFraming, ForgetsWhatAReaderAskedForWhenAnotherTakesItsPlace) {
  std::optional<Subscriber> reader(std::in_place, kAnyPort);
  const std::string endpoint = reader->endpoint();
  Asking asking(endpoint);
  const auto replace = [&](bool asks) {
    reader.reset();
    reader.emplace(endpoint);
    if (asks) reader->ask_for_batches();
  };
  reader->ask_for_batches();
  for (const bool asks : {true, false, true, true, false, false}) {
    replace(asks);
    // A message may still go to the reader before, which libzmq found to be gone only later.
    std::string frame;
    while (!reader->receive(frame, 10)) {
      Batch batch = batch_of({"probe"});
      asking.sender().send(batch);
    }
    while (reader->receive(frame, 10)) {
    }
    asking.send({"a", "b", "c"}, *reader);
    std::size_t frames = 0;
    EXPECT_THAT(read_both(*reader, 3, frames), ElementsAre("a", "b", "c"));
    EXPECT_EQ(frames, asks ? 1U : 0U);
  }
}

TEST(ZmqFraming, HoldsAsManyBatchedFramesAsHwmAndThenIsBusy) {
  Subscriber reader(kAnyPort);
  reader.ask_for_batches();
  Asking asking(reader.endpoint(), "&hwm=1&max_frame=1048576");
  std::vector<std::string> all;
  std::size_t frames = 0;
  int busy_count = 0;
  std::vector<std::string> received;
  for (int i = 0; i < 60; ++i) {
    const std::vector<std::string> messages = {std::to_string(i), std::string(200'000, 'm')};
    all.insert(all.end(), messages.begin(), messages.end());
    asking.send(messages, [&] {
      ++busy_count;
      std::string frame;
      FrameLog log;
      if (!reader.receive(frame, 10) || !log.add(frame)) return;
      received.insert(received.end(), log.messages.begin(), log.messages.end());
    });
  }
  const auto rest = read_both(reader, all.size() - received.size(), frames);
  received.insert(received.end(), rest.begin(), rest.end());
  EXPECT_GT(busy_count, 0);
  EXPECT_TRUE(received == all);
}

/// What forwards messages to any number of readers, and their subscriptions in the other direction.
class Forwarder {
 public:
  Forwarder() : context_(::zmq_ctx_new()) {
    in_ = bound(ZMQ_XSUB, in_endpoint);
    out_ = bound(ZMQ_XPUB, out_endpoint);
    control_ = ::zmq_socket(context_, ZMQ_PAIR);
    remote_ = ::zmq_socket(context_, ZMQ_PAIR);
    ::zmq_bind(control_, "inproc://control");
    ::zmq_connect(remote_, "inproc://control");
    thread_ = std::thread([this] { ::zmq_proxy_steerable(in_, out_, nullptr, control_); });
  }
  ~Forwarder() {
    ::zmq_send(remote_, "TERMINATE", 9, 0);
    thread_.join();
    for (void* const socket : {in_, out_, control_, remote_}) ::zmq_close(socket);
    ::zmq_ctx_term(context_);
  }
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  std::string in_endpoint;
  std::string out_endpoint;

 private:
  void* bound(int type, std::string& endpoint) {
    void* const socket = ::zmq_socket(context_, type);
    const int linger = 0;
    ::zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    EXPECT_EQ(::zmq_bind(socket, kAnyPort), 0);
    endpoint.resize(256);
    std::size_t size = endpoint.size();
    ::zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size);
    endpoint.resize(size - 1);
    return socket;
  }

  void* context_;
  void* in_;
  void* out_;
  void* control_;
  void* remote_;
  std::thread thread_;
};

/// A SUB that connects.
class ForwardedReader {
 public:
  ForwardedReader(const std::string& endpoint, bool asks)
      : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, ZMQ_SUB)) {
    ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
    if (asks) ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, kTopic.data(), kTopic.size());
    ::zmq_connect(socket_, endpoint.c_str());
  }
  ~ForwardedReader() {
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  ForwardedReader(const ForwardedReader&) = delete;
  ForwardedReader& operator=(const ForwardedReader&) = delete;

  /// Empty when there is none.
  std::string receive(int wait_ms) {
    ::zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    std::string frame(4096, '\0');
    const int size = ::zmq_recv(socket_, frame.data(), frame.size(), 0);
    frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return frame;
  }

 private:
  void* context_;
  void* socket_;
};

TEST(ZmqFraming, ReadersBehindAForwarderGetPlainMessagesWhateverOneOfThemAskedFor) {
  const Forwarder forwarder;
  ForwardedReader asks(forwarder.out_endpoint, true);
  Asking asking(forwarder.in_endpoint);
  const auto until_heard = [&](ForwardedReader& reader) {
    std::string frame;
    while ((frame = reader.receive(1)).empty()) asking.send({"probe"}, [] {});
    while (!frame.empty()) {
      EXPECT_EQ(frame, "probe");
      frame = reader.receive(50);
    }
  };
  until_heard(asks);
  ForwardedReader plain(forwarder.out_endpoint, false);
  until_heard(plain);
  asking.send({"a", "b"}, [] {});
  for (const char* const message : {"a", "b"}) EXPECT_EQ(plain.receive(kPatienceMs), message);
  std::string frame;
  while ((frame = asks.receive(kPatienceMs)) == "probe") {
  }
  EXPECT_EQ(frame, "a");
  EXPECT_EQ(asks.receive(kPatienceMs), "b");
}

/// One message of a client whose destination is `options` at a reader that asks for batches.
std::string first_frame(const std::string& options, const ClientOptions& client_options = {}) {
  const TempDir dir;
  Subscriber reader("ipc://" + dir.file("socket"));
  reader.ask_for_batches();
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  auto client = engine.open(reader.endpoint() + options, client_options);
  EXPECT_TRUE(client.ok()) << client.status();
  if (!client.ok()) return "";
  METLOG_INFO(*client, "hello");
  std::string frame;
  for (int i = 0; i < 1000 && !reader.receive(frame, 10); ++i) {
  }
  const Receipt receipt = client->close(10s);
  EXPECT_EQ(receipt.sent, 1U);
  EXPECT_EQ(client->stats().unexplained(), 0);
  return frame;
}

TEST(ZmqFraming, AClientLetsItsReaderChooseUnlessItsFormatOrItsUrlDecides) {
  EXPECT_TRUE(is_batched_frame(first_frame("")));
  EXPECT_TRUE(is_batched_frame(first_frame("?batch=auto")));
  EXPECT_TRUE(is_batched_frame(first_frame("?batch=1")));
  EXPECT_TRUE(is_batched_frame(first_frame("?format=json")));
  EXPECT_THAT(first_frame("?batch=0"), HasSubstr("\"payload\":\"hello\""));
  EXPECT_THAT(first_frame("?format=text"), HasSubstr(": hello"));
  EXPECT_THAT(first_frame("?format=text&batch=auto"), HasSubstr(": hello"));
  EXPECT_THAT(first_frame("?format=indented"), HasSubstr("\n    \"payload\": \"hello\""));
  ClientOptions text;
  text.format = MessageFormat::kText;
  EXPECT_THAT(first_frame("", text), HasSubstr(": hello"));
}

}  // namespace
}  // namespace metlog
