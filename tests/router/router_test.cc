#include "tools/router/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr seconds kLimit{30};
constexpr milliseconds kNoWait{0};

/// A router with an input of each kind and one output that captures. Driven by step(); what was
/// routed is sent when it is closed, unless it was started.
class RouterTest : public testing::Test {
 protected:
  explicit RouterTest(const Router::Options& options = {}) : router_(options) {
    const std::size_t most = options.limits.message_bytes;
    router_.add_input(*UdpInput::open("127.0.0.1:0", most, Reach::kLoopbackOnly));
    router_.add_input(*ZmqInput::open("tcp://127.0.0.1:*", most, Reach::kLoopbackOnly));
  }

  void add_output(std::unique_ptr<MessageEncoder> encoder, std::shared_ptr<Capture> capture,
                  const Output::Options& options) {
    router_.add_output(std::make_unique<Output>(
        std::move(encoder), std::make_unique<CaptureSender>(std::move(capture)), options));
  }
  void add_file_like_output(const Output::Options& options = {}) {
    add_output(std::make_unique<JsonLinesEncoder>(), capture_, options);
  }

  [[nodiscard]] const std::string& udp() const { return router_.inputs()[0]->endpoint(); }
  [[nodiscard]] const std::string& zmq() const { return router_.inputs()[1]->endpoint(); }

  void step_until(std::uint64_t frames) {
    const auto give_up = std::chrono::steady_clock::now() + kLimit;
    while (router_.frame_count() < frames && std::chrono::steady_clock::now() < give_up) {
      router_.step(milliseconds(100));
    }
    ASSERT_EQ(router_.frame_count(), frames);
  }

  RouterLedger close() {
    router_.close(kLimit);
    RouterLedger ledger = router_.ledger();
    EXPECT_EQ(ledger.unexplained(), 0U) << to_text(ledger);
    for (const OutputLedger& output : ledger.outputs) EXPECT_EQ(output.pending, 0U);
    return ledger;
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Router router_;
  const std::function<void()> pump_ = [this] { router_.step(kNoWait); };
};

TEST_F(RouterTest, DoesNothingWhenNothingIsThere) {
  add_file_like_output();
  EXPECT_FALSE(router_.step(kNoWait));
  EXPECT_EQ(close().received_frames(), 0U);
}

TEST_F(RouterTest, RoutesFromEveryInput) {
  add_file_like_output();
  const UdpPeer udp_peer(udp());
  const ZmqPeer zmq_peer(zmq(), pump_);
  udp_peer.send(envelope({{"payload", "\"udp\""}}) + "\n");
  EXPECT_TRUE(router_.step(kNoWait));
  zmq_peer.send(envelope({{"payload", "\"zmq\""}}));
  step_until(2);
  const RouterLedger ledger = close();
  EXPECT_THAT(capture_->messages(),
              ElementsAre(envelope({{"payload", "\"udp\""}}), envelope({{"payload", "\"zmq\""}})));
  EXPECT_EQ(ledger.accepted, 2U);
  EXPECT_EQ(ledger.outputs[0].written, 2U);
}

TEST_F(RouterTest, LosesNoGoodMessageToHostileNeighbours) {
  add_file_like_output();
  const UdpPeer udp_peer(udp());
  const ZmqPeer zmq_peer(zmq(), pump_);
  const std::vector<std::string> hostile = {"",
                                            "{",
                                            "\xff\xfe",
                                            envelope() + envelope(),
                                            envelope({{"payload", nested(1000)}}),
                                            envelope({{"type", ""}}),
                                            envelope({{"severity", "\"6\""}}),
                                            bracketed(envelope()),
                                            envelope().substr(0, 60)};
  std::vector<std::string> good;
  for (std::size_t i = 0; i < 50; ++i) {
    good.push_back(envelope({{"payload", std::to_string(i)}}));
    udp_peer.send(good.back());
    udp_peer.send(hostile[i % hostile.size()]);
  }
  step_until(100);
  for (std::size_t i = 50; i < 100; ++i) {
    good.push_back(envelope({{"payload", std::to_string(i)}}));
    zmq_peer.send(good.back());
    zmq_peer.send(hostile[i % hostile.size()]);
  }
  step_until(200);
  const RouterLedger ledger = close();
  EXPECT_EQ(capture_->messages(), good);
  EXPECT_EQ(ledger.accepted, 100U);
  EXPECT_EQ(ledger.rejected_total(), 100U);
}

TEST_F(RouterTest, CountsRejectionsByReason) {
  add_file_like_output();
  const UdpPeer peer(udp());
  for (const std::string& text : {std::string("x"), std::string("{}"), std::string("{}")}) {
    peer.send(text);
  }
  step_until(3);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kNotJson)], 1U);
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kMissingKey)], 2U);
}

TEST_F(RouterTest, CountsTheEnginesMessagesAndRoutesThem) {
  add_file_like_output();
  const UdpPeer peer(udp());
  peer.send(envelope());
  peer.send(envelope({{"type", "\"metlog.loss\""}}));
  step_until(2);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.accepted, 2U);
  EXPECT_EQ(ledger.engine_messages, 1U);
  EXPECT_EQ(ledger.outputs[0].written, 2U);
}

TEST_F(RouterTest, GivesEachOutputWhatItMatches) {
  add_file_like_output();
  const auto metrics = std::make_shared<Capture>();
  Output::Options options;
  options.match.types = {"counter", "timer"};
  add_output(std::make_unique<StatsdEncoder>(), metrics, options);
  const UdpPeer peer(udp());
  peer.send(envelope());
  peer.send(
      envelope({{"type", "\"counter\""}, {"payload", "\"2\""}, {"fields", R"({"name":"n"})"}}));
  step_until(2);
  const RouterLedger ledger = close();
  EXPECT_EQ(capture_->messages().size(), 2U);
  EXPECT_THAT(metrics->messages(), ElementsAre("n:2.0|c"));
  EXPECT_EQ(ledger.outputs[1].not_matched, 1U);
}

TEST_F(RouterTest, LetsADeadDestinationDelayNoOther) {
  add_file_like_output();
  const auto dead = std::make_shared<Capture>();
  dead->script(std::vector(10'000, Capture::busy()));
  Output::Options options;
  options.on_full = OnFull::kDrop;
  options.queue = {.batch_bytes = 1, .batch_count = 2};
  add_output(std::make_unique<JsonLinesEncoder>(), dead, options);
  ASSERT_TRUE(router_.start().ok());
  const UdpPeer peer(udp());
  for (int i = 0; i < 100; ++i) peer.send(envelope());
  step_until(100);
  // The living one has everything while the dead one still holds its two batches.
  const auto give_up = std::chrono::steady_clock::now() + kLimit;
  while (!capture_->wait_for(100, milliseconds(1)) && std::chrono::steady_clock::now() < give_up) {
    router_.step(kNoWait);
  }
  EXPECT_EQ(capture_->messages().size(), 100U);
  EXPECT_EQ(router_.ledger().outputs[1].lost[LossReason::kQueueFull], 98U);
  router_.close(milliseconds(20));
  EXPECT_EQ(router_.ledger().outputs[1].lost[LossReason::kExpired], 2U);
  EXPECT_EQ(router_.ledger().unexplained(), 0U);
}

TEST_F(RouterTest, ReadsNothingWhileAnOutputWaitsAndLosesNothing) {
  Output::Options options;
  options.queue = {.batch_bytes = 1, .batch_count = 2};
  add_file_like_output(options);
  const ZmqPeer peer(zmq(), pump_);
  for (int i = 0; i < 100; ++i) peer.send(envelope({{"payload", std::to_string(i)}}));
  step_until(2);  // both batches are full and no thread sends
  UdpPeer(udp()).send(envelope({{"payload", "\"waits too\""}}));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(router_.step(kNoWait));
  EXPECT_EQ(router_.frame_count(), 2U);
  ASSERT_TRUE(router_.start().ok());
  step_until(101);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.outputs[0].written, 101U);
  EXPECT_EQ(ledger.lost_total(), 0U);
  std::vector<std::string> messages = capture_->messages();
  EXPECT_EQ(std::erase(messages, envelope({{"payload", "\"waits too\""}})), 1U);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(messages[i], envelope({{"payload", std::to_string(i)}}));
  }
}

/// An input that answers, and hands nothing on.
class Answerer final : public Input {
 public:
  std::size_t poll(FrameSink&, std::size_t) override {
    ++counts_.handshakes;
    return 0;
  }
  [[nodiscard]] bool delivers_frames() const override { return false; }
  [[nodiscard]] InputCounts counts() const override { return counts_; }
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, -1}; }

 private:
  const std::string endpoint_ = "answers:";
  InputCounts counts_;
};

TEST_F(RouterTest, AnswersWhileAnOutputWaits) {
  Output::Options options;
  options.queue = {.batch_bytes = 1, .batch_count = 2};
  add_file_like_output(options);
  router_.add_input(std::make_unique<Answerer>());
  const ZmqPeer peer(zmq(), pump_);
  for (int i = 0; i < 3; ++i) peer.send(envelope());
  step_until(2);  // both batches are full and no thread sends
  const std::uint64_t before = router_.inputs().back()->counts().handshakes;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(router_.step(kNoWait));
  EXPECT_EQ(router_.frame_count(), 2U);
  EXPECT_EQ(router_.inputs().back()->counts().handshakes, before + 10);
  ASSERT_TRUE(router_.start().ok());
  step_until(3);
  EXPECT_EQ(close().outputs[0].written, 3U);
}

TEST_F(RouterTest, ReceivesWhatHasArrivedBeforeItCloses) {
  add_file_like_output();
  const UdpPeer peer(udp());
  for (int i = 0; i < 3000; ++i) peer.send(envelope());
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.received_frames() + ledger.kernel_drops(), 3000U);
  EXPECT_EQ(ledger.outputs[0].written, ledger.received_frames());
}

TEST_F(RouterTest, ShowsWhatItRoutesInItsTable) {
  add_file_like_output();
  const UdpPeer peer(udp());
  for (int i = 0; i < 3; ++i) peer.send(envelope({{"logger", "\"shop\""}, {"severity", "2"}}));
  step_until(3);
  router_.table().end_interval(1.0, router_.message_count());
  EXPECT_THAT(router_.table().render_line(router_.ledger()),
              HasSubstr("oldstyle/shop/critical 3.0/s"));
  close();
}

class LimitedRouterTest : public RouterTest {
 protected:
  LimitedRouterTest()
      : RouterTest({.limits = {.message_bytes = 300, .depth = 8}, .message_limit = 5}) {}
};

TEST_F(LimitedRouterTest, ReceivesNoFrameAfterTheLastAskedFor) {
  add_file_like_output();
  const UdpPeer peer(udp());
  for (int i = 0; i < 10; ++i) peer.send(envelope());
  step_until(5);
  EXPECT_FALSE(router_.step(kNoWait));
  EXPECT_EQ(close().received_frames(), 5U);
}

TEST_F(LimitedRouterTest, RejectsWhatIsOverTheLimits) {
  add_file_like_output();
  const UdpPeer udp_peer(udp());
  const ZmqPeer zmq_peer(zmq(), pump_);
  const std::string long_text = envelope({{"payload", '"' + std::string(300, 'x') + '"'}});
  udp_peer.send(long_text);
  udp_peer.send(envelope({{"payload", nested(8)}}));
  zmq_peer.send(long_text);
  zmq_peer.send(envelope({{"payload", nested(7)}}));
  step_until(4);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kTooLong)], 2U);
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kTooDeep)], 1U);
  EXPECT_EQ(ledger.outputs[0].written, 1U);
}

}  // namespace
}  // namespace metlog
