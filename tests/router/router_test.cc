#include "tools/router/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tests/router/router_fixture.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

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
                                            envelope({{"severity", "\"six\""}}),
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
  dead->script(std::vector(100'000, Capture::busy()));
  Output::Options options;
  options.queue_bytes = 1;
  options.queue = {.batch_bytes = 1, .batch_count = 2};
  add_output(std::make_unique<JsonLinesEncoder>(), dead, options);
  ASSERT_TRUE(router_.start().ok());
  const ZmqPeer peer(zmq(), pump_);
  const std::string text = envelope({{"payload", '"' + std::string(3'000, 'x') + '"'}});
  constexpr std::size_t kCount = 1'000;  // some ten blocks
  for (std::size_t i = 0; i < kCount; ++i) peer.send(text);
  step_until(kCount);
  // The living one has everything while the dead one still holds two batches and a block.
  EXPECT_TRUE(capture_->wait_for(kCount, kLimit));
  const OutputLedger before = router_.ledger().outputs[1];
  EXPECT_GT(before.lost[LossReason::kQueueFull], kCount / 2);
  EXPECT_EQ(before.pending + before.lost.total(), kCount);
  router_.close(milliseconds(20));
  EXPECT_EQ(router_.ledger().outputs[1].lost[LossReason::kExpired], before.pending);
  EXPECT_EQ(router_.ledger().unexplained(), 0U);
}

TEST_F(RouterTest, ClosesAllOutputsWithinOneLimit) {
  add_file_like_output();
  for (int i = 0; i < 4; ++i) {
    const auto dead = std::make_shared<Capture>();
    dead->script(std::vector(100'000, Capture::busy()));
    add_output(std::make_unique<JsonLinesEncoder>(), dead, Output::Options());
  }
  ASSERT_TRUE(router_.start().ok());
  UdpPeer(udp()).send(envelope());
  step_until(1);
  const auto begun = std::chrono::steady_clock::now();
  router_.close(milliseconds(600));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(1200));
  const RouterLedger ledger = router_.ledger();
  EXPECT_EQ(ledger.outputs[0].written, 1U);
  for (std::size_t i = 1; i <= 4; ++i) EXPECT_EQ(ledger.outputs[i].lost[LossReason::kExpired], 1U);
  EXPECT_EQ(ledger.unexplained(), 0U);
}

// One message in a thousand is for the output: what it does not take is not kept.
TEST_F(RouterTest, KeepsNothingThatNoOutputTakes) {
  Output::Options options;
  options.match.types = {"counter"};
  add_file_like_output(options);
  const ZmqPeer peer(zmq(), pump_);
  for (int i = 0; i < 3'000; ++i) {
    // Those of ever new shapes, and those that are written again, need memory of their own.
    const std::string key = "\"k" + std::to_string(i) + "\":";
    peer.send(envelope({{"fields", "{" + key + "1," + (i % 2 == 0 ? key : "\"a\":") + "2}"},
                        {"type", i % 1'000 == 999 ? "\"counter\"" : "\"t\""}}));
  }
  step_until(3'000);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.outputs[0].not_matched, 2'997U);
  ASSERT_EQ(capture_->messages().size(), 3U);
  EXPECT_EQ(capture_->messages()[2],
            envelope({{"fields", R"({"k2999":1,"a":2})"}, {"type", "\"counter\""}}));
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
