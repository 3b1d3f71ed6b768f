#include "tools/router/input/handshake_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include <chrono>
#include <string>
#include <vector>

#include "senders/zmq/zmq_handshake.h"
#include "tests/router/collecting_sink.h"
#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tools/router/input/input.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

using testing::ElementsAre;

/// A DEALER socket, which sends its frames unchanged, so that a request may be anything.
class Asker {
 public:
  explicit Asker(const std::string& endpoint)
      : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
    const int no_linger = 0;
    const int patience_ms = 10'000;
    zmq_setsockopt(socket_, ZMQ_LINGER, &no_linger, sizeof no_linger);
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    EXPECT_EQ(zmq_connect(socket_, endpoint.c_str()), 0) << endpoint;
  }
  ~Asker() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  void ask(const std::vector<std::string>& frames) const {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const int flags = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
      EXPECT_GE(zmq_send(socket_, frames[i].data(), frames[i].size(), flags), 0);
    }
  }
  [[nodiscard]] std::vector<std::string> answer() const {
    std::vector<std::string> frames;
    int has_more = 1;
    while (has_more != 0) {
      std::string frame(256, '\0');
      const int size = zmq_recv(socket_, frame.data(), frame.size(), 0);
      if (size < 0) return frames;
      frames.push_back(frame.substr(0, static_cast<std::size_t>(size)));
      std::size_t length = sizeof has_more;
      zmq_getsockopt(socket_, ZMQ_RCVMORE, &has_more, &length);
    }
    return frames;
  }

 private:
  void* context_;
  void* socket_;
};

class HandshakeInputTest : public testing::Test {
 protected:
  HandshakeInputTest() {
    auto input = HandshakeInput::open("tcp://127.0.0.1:*", Reach::kLoopbackOnly);
    EXPECT_TRUE(input.ok()) << input.status();
    inputs_.push_back(*std::move(input));
  }
  [[nodiscard]] std::string endpoint() const {
    return inputs_[0]->endpoint().substr(sizeof("handshake+") - 1);
  }
  [[nodiscard]] std::uint64_t handshakes() const { return inputs_[0]->counts().handshakes; }
  std::size_t poll(std::size_t most) {
    wait_for_input(inputs_, std::chrono::milliseconds(1));
    CollectingSink sink;
    return inputs_[0]->poll(sink, most);
  }

  std::vector<std::unique_ptr<Input>> inputs_;
};

TEST_F(HandshakeInputTest, AnswersWithOneEmptyFrameWhateverIsAsked) {
  const Asker asker(endpoint());
  asker.ask({"", ""});
  asker.ask({"", "text"});
  asker.ask({"", std::string(50'000, 'x'), std::string("\0\xff", 2), "more"});
  while (handshakes() < 3) EXPECT_EQ(poll(100), 0U);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(asker.answer(), ElementsAre("", ""));
  EXPECT_EQ(inputs_[0]->counts().frames, 0U);
  EXPECT_EQ(inputs_[0]->counts().errors, 0U);
}

TEST_F(HandshakeInputTest, IsNotStoppedByHostilePeers) {
  const std::string url = endpoint();
  {
    const Asker hostile(url);
    hostile.ask({"no delimiter"});
    hostile.ask({"", "and gone before the answer"});
    while (handshakes() < 1) poll(100);
    hostile.ask({"", std::string(1 << 20, 'x')});  // is cut off
  }
  const Asker good(url);
  good.ask({"", ""});
  while (handshakes() < 2) poll(100);
  EXPECT_THAT(good.answer(), ElementsAre("", ""));
}

TEST_F(HandshakeInputTest, LeavesTheOtherInputsTheirTurn) {
  const Asker asker(endpoint());
  for (int i = 0; i < 10; ++i) asker.ask({"", ""});
  while (handshakes() < 10) {
    const std::uint64_t before = handshakes();
    poll(3);
    EXPECT_LE(handshakes() - before, 3U);
  }
}

TEST_F(HandshakeInputTest, IsWhatASenderAsks) {
  const auto now = std::chrono::steady_clock::now();
  const auto hour = std::chrono::hours(1);
  const auto handshake =
      ZmqHandshake::open({.endpoint = endpoint(), .timeout = hour, .livecheck = hour}, now);
  ASSERT_TRUE(handshake.ok()) << handshake.status();
  while ((*handshake)->poll(now) != ZmqHandshake::State::kAnswered) poll(1);
  EXPECT_EQ(handshakes(), 1U);
}

TEST_F(HandshakeInputTest, CostsARouterNoMessage) {
  const Asker asker(endpoint());
  Router router({});
  router.add_input(UdpInput::open("127.0.0.1:0", 1000, Reach::kLoopbackOnly).value());
  const UdpPeer peer(router.inputs()[0]->endpoint());
  router.add_input(std::move(inputs_[0]));
  asker.ask({"", ""});
  peer.send(envelope());
  while (router.ledger().handshakes() < 1 || router.message_count() < 1) {
    router.step(std::chrono::milliseconds(1));
  }
  router.close(std::chrono::seconds(1));
  EXPECT_EQ(router.ledger().received_frames(), 1U);
  EXPECT_EQ(router.ledger().unexplained(), 0U);
}

TEST(HandshakeInput, RefusesAnAddressThatOthersReach) {
  const auto refused = HandshakeInput::open("tcp://0.0.0.0:*", Reach::kLoopbackOnly);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(HandshakeInput::open("tcp://0.0.0.0:*", Reach::kAnywhere).ok());
}

}  // namespace
}  // namespace metlog
