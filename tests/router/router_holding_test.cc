// What a router does while one of its outputs holds the inputs.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tests/router/router_fixture.h"

namespace metlog {
namespace {

/// A sender whose destination takes nothing until it is opened.
class DoorSender final : public Sender {
 public:
  DoorSender(std::shared_ptr<Capture> capture, const bool& is_open)
      : sender_(std::move(capture)), is_open_(is_open) {}
  SendResult send(Batch& batch) override {
    return is_open_ ? sender_.send(batch) : SendResult::kBusy;
  }
  bool flush(std::chrono::nanoseconds limit) override { return sender_.flush(limit); }
  [[nodiscard]] std::string_view url() const override { return "door:"; }

 private:
  CaptureSender sender_;
  const bool& is_open_;
};

/// A router with an output that may hold the inputs, which it does after four rounds with messages:
/// two have been encoded, one is in work, and one waits.
class HoldingRouterTest : public RouterTest {
 protected:
  HoldingRouterTest() {
    Output::Options options;
    options.on_full = OnFull::kWait;
    options.queue_bytes = 1;
    options.queue = {.batch_bytes = 1, .batch_count = 2};
    router_.add_output(std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                                std::make_unique<DoorSender>(capture_, is_open_),
                                                options));
  }
  void fill() {
    const UdpPeer peer(udp());
    for (std::uint64_t i = 0; i < kHeld; ++i) {
      peer.send(envelope({{"payload", std::to_string(i)}}));
      step_until(i + 1);
    }
  }

  static constexpr std::uint64_t kHeld = 4;
  bool is_open_ = false;
};

TEST_F(HoldingRouterTest, ReadsNothingMeanwhileAndLosesNothing) {
  const ZmqPeer peer(zmq(), pump_);  // first: an input that is held accepts nobody
  fill();
  for (int i = 4; i < 100; ++i) peer.send(envelope({{"payload", std::to_string(i)}}));
  UdpPeer(udp()).send(envelope({{"payload", "\"waits too\""}}));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(router_.step(kNoWait));
  EXPECT_EQ(router_.frame_count(), kHeld);
  is_open_ = true;
  step_until(101);
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.outputs[0].written, 101U);
  EXPECT_EQ(ledger.lost_total(), 0U);
  std::vector<std::string> messages = capture_->messages();
  EXPECT_EQ(std::erase(messages, envelope({{"payload", "\"waits too\""}})), 1U);
  ASSERT_EQ(messages.size(), 100U);
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

TEST_F(HoldingRouterTest, AnswersMeanwhile) {
  router_.add_input(std::make_unique<Answerer>());
  fill();
  UdpPeer(udp()).send(envelope());
  const std::uint64_t before = router_.inputs().back()->counts().handshakes;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(router_.step(kNoWait));
  EXPECT_EQ(router_.frame_count(), kHeld);
  EXPECT_EQ(router_.inputs().back()->counts().handshakes, before + 10);
  is_open_ = true;
  step_until(kHeld + 1);
  EXPECT_EQ(close().outputs[0].written, kHeld + 1);
}

}  // namespace
}  // namespace metlog
