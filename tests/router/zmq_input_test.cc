#include "tools/router/input/zmq_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "tests/router/collecting_sink.h"
#include "tests/router/peers.h"
#include "tests/senders/temp_dir.h"
#include "tools/router/input/input.h"
#include "tools/router/input/zmq_drain.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ZmqInputTest : public testing::Test {
 protected:
  const std::string& open(std::size_t max_message, const char* endpoint = "tcp://127.0.0.1:*") {
    auto input = ZmqInput::open(endpoint, max_message, Reach::kLoopbackOnly);
    EXPECT_TRUE(input.ok()) << input.status();
    inputs_.push_back(*std::move(input));
    return inputs_[0]->endpoint();
  }

  void receive(CollectingSink& sink, std::size_t count) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (sink.texts.size() < count && std::chrono::steady_clock::now() < give_up) {
      wait_for_input(inputs_, std::chrono::seconds(1));
      inputs_[0]->poll(sink, count - sink.texts.size());
    }
    ASSERT_EQ(sink.texts.size(), count);
    EXPECT_EQ(inputs_[0]->counts().frames, count);
  }

  std::vector<std::unique_ptr<Input>> inputs_;
  const std::function<void()> pump_ = [this] {
    wait_for_input(inputs_, std::chrono::milliseconds(1));
  };
};

TEST_F(ZmqInputTest, ReceivesFramesInOrder) {
  const ZmqPeer peer(open(1000), pump_);
  for (int i = 0; i < 1000; ++i) peer.send(std::to_string(i));
  CollectingSink sink;
  receive(sink, 1000);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(sink.texts[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(ZmqInputTest, TakesEachPartOfAMessageAsAFrame) {
  const ZmqPeer peer(open(1000), pump_);
  peer.send_more("topic");
  peer.send("body");
  CollectingSink sink;
  receive(sink, 2);
  EXPECT_THAT(sink.texts, ElementsAre("topic", "body"));
}

TEST_F(ZmqInputTest, CutsAFrameOverTheLimitAndReceivesItsNeighboursWhole) {
  const ZmqPeer peer(open(100), pump_);
  peer.send(std::string(100, 'a'));
  peer.send(std::string(101, 'b'));
  peer.send(std::string(100, 'c'));
  CollectingSink sink;
  receive(sink, 3);
  EXPECT_THAT(sink.sent_bytes, ElementsAre(100, 101, 100));
  EXPECT_EQ(sink.texts[0], std::string(100, 'a'));
  EXPECT_EQ(sink.texts[1], std::string(100, 'b'));
  EXPECT_EQ(sink.texts[2], std::string(100, 'c'));
}

TEST_F(ZmqInputTest, LosesNoMessageOfOthersToAPeerWhoseFrameIsFarTooLong) {
  const std::string endpoint = open(1000);
  const ZmqPeer good(endpoint, pump_);
  const ZmqPeer hostile(endpoint, pump_);
  good.send("before");
  hostile.send(std::string(100'000, 'x'));
  good.send("after");
  CollectingSink sink;
  receive(sink, 2);
  EXPECT_THAT(sink.texts, ElementsAre("before", "after"));
}

// While nothing is polled a peer's frames wait in libzmq, which counts frames and not bytes.
TEST_F(ZmqInputTest, LetsFewerFramesWaitWhenTheyAreLong) {
  const auto input = *ZmqInput::open("tcp://127.0.0.1:*", 256 * 1024, Reach::kLoopbackOnly);
  CollectingSink sink;
  void* const context = zmq_ctx_new();
  void* const peer = zmq_socket(context, ZMQ_XPUB);
  const int yes = 1;
  const int none = 0;
  const int patience_ms = 300;  // longer than it takes a frame to arrive
  for (const int option : {ZMQ_XPUB_NODROP, ZMQ_SNDHWM}) {
    zmq_setsockopt(peer, option, &yes, sizeof yes);
  }
  zmq_setsockopt(peer, ZMQ_LINGER, &none, sizeof none);
  zmq_setsockopt(peer, ZMQ_SNDTIMEO, &patience_ms, sizeof patience_ms);
  zmq_setsockopt(peer, ZMQ_RCVTIMEO, &yes, sizeof yes);
  ASSERT_EQ(zmq_connect(peer, input->endpoint().c_str()), 0);
  char subscription[8];
  do {
    input->poll(sink, 1);
  } while (zmq_recv(peer, subscription, sizeof subscription, 0) < 0);
  const std::string frame(200'000, 'x');
  ASSERT_GT(zmq_send(peer, frame.data(), frame.size(), 0), 0);
  while (sink.texts.empty()) input->poll(sink, 1);
  int waiting = 0;
  while (waiting < 2'000 && zmq_send(peer, frame.data(), frame.size(), 0) > 0) ++waiting;
  EXPECT_LT(waiting, 400);  // of 32 MiB, and of what the kernel buffers
  zmq_close(peer);
  zmq_ctx_term(context);
}

// More than libzmq queues for a peer: the rest waits in the kernel, behind a thread of libzmq's
// that goes on when it gets to run.
TEST_F(ZmqInputTest, IsDryOnlyWhenAllThatTheKernelHasIsTaken) {
  constexpr std::size_t kFrames = 3000;
  const auto input = *ZmqInput::open("tcp://127.0.0.1:*", 1000, Reach::kLoopbackOnly);
  CollectingSink sink;
  void* const context = zmq_ctx_new();
  void* const peer = zmq_socket(context, ZMQ_XPUB);
  const int none = 0;
  const int patience_ms = 1;
  zmq_setsockopt(peer, ZMQ_SNDHWM, &none, sizeof none);
  zmq_setsockopt(peer, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
  ASSERT_EQ(zmq_connect(peer, input->endpoint().c_str()), 0);
  char subscription[8];
  do {
    input->poll(sink, 1);
  } while (zmq_recv(peer, subscription, sizeof subscription, 0) < 0);
  const std::string frame(20, 'x');  // all are less than the kernel takes for a peer
  for (std::size_t i = 0; i < kFrames; ++i) {
    ASSERT_GT(zmq_send(peer, frame.data(), frame.size(), 0), 0);
  }
  zmq_close(peer);
  zmq_ctx_term(context);  // returns when the kernel has all of it
  while (input->poll(sink, 100) > 0 || !input->is_dry()) {
  }
  EXPECT_EQ(sink.texts.size(), kFrames);
  EXPECT_TRUE(input->is_dry());
}

bool is_dry_soon(ZmqDrain& drain) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!drain.is_dry()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
  }
  return true;
}

TEST(ZmqDrain, WaitsForAnUnreadByteOfAnyConnectionOfItsEndpoint) {
  const TempDir directory;
  sockaddr_un path{AF_UNIX, {}};
  directory.file("s").copy(path.sun_path, sizeof path.sun_path - 1);
  sockaddr_in port{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
  for (const bool is_tcp : {false, true}) {
    auto* const address =
        is_tcp ? reinterpret_cast<sockaddr*>(&port) : reinterpret_cast<sockaddr*>(&path);
    socklen_t size = is_tcp ? sizeof port : sizeof path;
    const int family = is_tcp ? AF_INET : AF_UNIX;
    const UniqueFd listener(::socket(family, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(listener.get(), address, size), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    ASSERT_EQ(::getsockname(listener.get(), address, &size), 0);
    const UniqueFd peer(::socket(family, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(peer.get(), address, size), 0);
    const UniqueFd accepted(::accept(listener.get(), nullptr, nullptr));
    ASSERT_EQ(::send(peer.get(), "x", 1, 0), 1);

    void* const context = zmq_ctx_new();
    void* const socket = zmq_socket(context, ZMQ_SUB);
    {
      const std::string number = std::to_string(ntohs(port.sin_port));
      ZmqDrain drain(context, socket,
                     is_tcp ? "tcp://127.0.0.1:" + number : "ipc://" + directory.file("s"));
      for (int i = 0; i < 100; ++i) EXPECT_FALSE(drain.is_dry());
      char byte = 0;
      ASSERT_EQ(::recv(accepted.get(), &byte, 1, 0), 1);
      EXPECT_TRUE(is_dry_soon(drain));
    }
    zmq_close(socket);
    zmq_ctx_term(context);
  }
}

TEST_F(ZmqInputTest, StopsAtOnceForASinkThatHasEnough) {
  const ZmqPeer peer(open(1000), pump_);
  for (int i = 0; i < 5; ++i) peer.send(std::to_string(i));
  CollectingSink sink(2);
  while (sink.texts.size() < 2) {
    wait_for_input(inputs_, std::chrono::seconds(1));
    inputs_[0]->poll(sink, 100);
  }
  EXPECT_THAT(sink.texts, ElementsAre("0", "1"));
}

TEST(ZmqInput, RefusesAnAddressThatOthersReach) {
  for (const char* endpoint : {"tcp://*:0", "tcp://0.0.0.0:*", "tcp://eth0:5565", "tcp://[::]:1"}) {
    const auto refused = ZmqInput::open(endpoint, 1000, Reach::kLoopbackOnly);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kPermissionDenied) << endpoint;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(endpoint));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--allow-remote"));
  }
  EXPECT_TRUE(ZmqInput::open("tcp://0.0.0.0:*", 1000, Reach::kAnywhere).ok());
}

TEST(ZmqInput, NamesWhatIsWrongWithAnEndpoint) {
  for (const char* endpoint :
       {"", "127.0.0.1:5565", "udp://127.0.0.1:5565", "inproc://x", "pgm://x", "ipc://",
        "tcp://127.0.0.1", "tcp://127.0.0.1:x", "tcp://:5565", "tcp://127.0.0.1:65536"}) {
    const auto wrong = ZmqInput::open(endpoint, 1000, Reach::kLoopbackOnly);
    EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInvalidArgument) << endpoint;
  }
}

TEST(ZmqInput, SaysThatAPortIsTaken) {
  const auto first = ZmqInput::open("tcp://127.0.0.1:*", 1000, Reach::kLoopbackOnly);
  ASSERT_TRUE(first.ok());
  const auto second = ZmqInput::open((*first)->endpoint(), 1000, Reach::kLoopbackOnly);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another metlogd"));
}

}  // namespace
}  // namespace metlog
