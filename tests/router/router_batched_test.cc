#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/router/batched.h"
#include "tests/router/envelope.h"
#include "tests/router/frames_input.h"
#include "tests/router/peers.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr seconds kLimit{30};

std::string numbered(std::size_t i) { return envelope({{"payload", std::to_string(i)}}); }

std::vector<std::string> numbered(std::size_t from, std::size_t to) {
  std::vector<std::string> messages;
  for (std::size_t i = from; i < to; ++i) messages.push_back(numbered(i));
  return messages;
}

/// A router with one output that captures.
class RouterOfBatchesTest : public testing::Test {
 protected:
  explicit RouterOfBatchesTest(const Router::Options& options = {}) : router_(options) {
    router_.add_output(std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                                std::make_unique<CaptureSender>(capture_),
                                                Output::Options()));
  }

  void add_frames(const std::vector<std::string>& frames) {
    router_.add_input(std::make_unique<FramesInput>(frames));
  }

  RouterLedger close() {
    router_.close(kLimit);
    RouterLedger ledger = router_.ledger();
    EXPECT_EQ(ledger.unexplained(), 0U) << to_text(ledger);
    EXPECT_EQ(ledger.outputs[0].written, ledger.accepted);
    EXPECT_EQ(ledger.outputs[0].written, capture_->messages().size());
    return ledger;
  }

  void step_until(std::uint64_t frames) {
    const auto give_up = std::chrono::steady_clock::now() + kLimit;
    while (router_.frame_count() < frames && std::chrono::steady_clock::now() < give_up) {
      router_.step(milliseconds(100));
    }
    ASSERT_EQ(router_.frame_count(), frames);
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Router router_;
};

TEST_F(RouterOfBatchesTest, TakesPlainAndBatchedFramesOfOneInput) {
  add_frames({numbered(0), batched(numbered(1, 4)), numbered(4),
              batched(numbered(5, 7), {.sequence = 3, .padding = 70})});
  const RouterLedger ledger = close();
  EXPECT_EQ(capture_->messages(), numbered(0, 7));
  EXPECT_EQ(ledger.received_frames(), 4U);
  EXPECT_EQ(ledger.messages(), 7U);
  EXPECT_EQ(ledger.frames.plain, 2U);
  EXPECT_EQ(ledger.frames.batched, 2U);
  EXPECT_EQ(ledger.frames.lines, 5U);
  EXPECT_EQ(ledger.sequence.missing, 0U);
}

TEST_F(RouterOfBatchesTest, ReceivesThemOverUdpAndZmq) {
  const std::size_t most = max_frame_bytes(DecoderLimits().message_bytes, 1024 * 1024);
  router_.add_input(*UdpInput::open("127.0.0.1:0", most, Reach::kLoopbackOnly));
  router_.add_input(*ZmqInput::open("tcp://127.0.0.1:*", most, Reach::kLoopbackOnly));
  const UdpPeer udp(router_.inputs()[0]->endpoint());
  const ZmqPeer zmq(router_.inputs()[1]->endpoint(), [this] { router_.step(milliseconds(0)); });
  udp.send(batched(numbered(0, 300)));
  udp.send(numbered(300));
  step_until(2);
  zmq.send(batched(numbered(301, 4000), {.stream = 1}));  // longer than a message may be
  zmq.send(numbered(4000));
  zmq.send(batched(numbered(4001, 4010), {.stream = 1, .sequence = 3699}));
  step_until(5);
  const RouterLedger ledger = close();
  EXPECT_EQ(capture_->messages(), numbered(0, 4010));
  EXPECT_EQ(ledger.frames.batched, 3U);
  EXPECT_EQ(ledger.sequence.streams, 2U);
  EXPECT_EQ(ledger.sequence.missing, 0U);
}

TEST_F(RouterOfBatchesTest, RejectsADamagedLineAndDeliversItsNeighbours) {
  const std::vector<std::string> lines = {numbered(0),
                                          "{",
                                          numbered(1),
                                          "",
                                          numbered(2),
                                          "\x9e"
                                          "mlb",
                                          numbered(3),
                                          envelope() + envelope(),
                                          numbered(4),
                                          envelope({{"payload", "\"\xff\""}}),
                                          numbered(5),
                                          std::string(300'000, 'x'),
                                          numbered(6),
                                          envelope().substr(0, 70)};
  add_frames({batched(lines)});
  const RouterLedger ledger = close();
  EXPECT_EQ(capture_->messages(), numbered(0, 7));
  EXPECT_EQ(ledger.rejected_total(), 7U);
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kTooLong)], 1U);
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kEmpty)], 1U);
  EXPECT_EQ(ledger.rejected[static_cast<std::size_t>(RejectReason::kTrailingBytes)], 1U);
}

TEST_F(RouterOfBatchesTest, CompletesNoLineWithTheOneBehindIt) {
  // Cut messages whose rest is in the next line, or in the padding.
  for (std::size_t cut = 1; cut < envelope().size(); ++cut) {
    add_frames({batched({envelope().substr(0, cut), envelope().substr(cut), "}", "\"}", "\""},
                        {.padding = 100})});
  }
  const RouterLedger ledger = close();
  EXPECT_THAT(capture_->messages(), IsEmpty());
  EXPECT_EQ(ledger.messages(), 5 * (envelope().size() - 1));
}

TEST_F(RouterOfBatchesTest, DeliversNothingOfDamagedFramesAndAllOfTheirNeighbours) {
  std::string flipped = batched(numbered(2, 4), {.sequence = 2});
  flipped[100] = static_cast<char>(flipped[100] ^ 4);
  add_frames({batched(numbered(0, 2)), flipped, "\x9e", batched_body("", 0xffffffff),
              batched_body(std::string(1000, '\0'), 0xffffffff), batched({"x"}) + "x",
              batched(numbered(4, 6), {.sequence = 4})});
  const RouterLedger ledger = close();
  EXPECT_THAT(capture_->messages(),
              ElementsAre(numbered(0), numbered(1), numbered(4), numbered(5)));
  EXPECT_EQ(ledger.received_frames(), 7U);
  EXPECT_EQ(ledger.frames.damaged_total(), 5U);
  EXPECT_EQ(ledger.frames.damaged[static_cast<std::size_t>(FrameDamage::kLineCount)], 2U);
  EXPECT_EQ(ledger.sequence.missing, 2U);  // those of the frame whose bit turned
}

TEST_F(RouterOfBatchesTest, CountsGapsAndDeliversWhatCameLateOrTwice) {
  const std::string late = batched(numbered(2, 4), {.sequence = 2});
  add_frames({batched(numbered(0, 2)), batched(numbered(4, 6), {.sequence = 4}), late, late});
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.accepted, 8U);
  EXPECT_EQ(ledger.sequence.missing, 2U);
  EXPECT_EQ(ledger.sequence.late_frames, 2U);
  EXPECT_EQ(ledger.sequence.late_messages, 4U);
}

TEST_F(RouterOfBatchesTest, ShowsInItsTableWhatIsMissing) {
  add_frames({batched(numbered(0, 2)), batched(numbered(9, 11), {.sequence = 9}), "\x9e"});
  close();
  router_.table().end_interval(1.0, router_.message_count());
  EXPECT_THAT(router_.table().render_line(router_.ledger()),
              HasSubstr("received 4 (4.0/s)  rejected 0  lost 0  kernel drops 0  "
                        "damaged frames 1  missing 7  "));
}

TEST_F(RouterOfBatchesTest, SaysWhatAStreamHadBeforeItsFirstFrame) {
  add_frames({batched(numbered(0, 2), {.sequence = 7345})});
  EXPECT_EQ(close().sequence.missing, 7345U);
  EXPECT_THAT(router_.table().render_line(router_.ledger()),
              HasSubstr("  missing 7,345  of these at the start 7,345  "));
}

class LimitedRouterOfBatchesTest : public RouterOfBatchesTest {
 protected:
  LimitedRouterOfBatchesTest() : RouterOfBatchesTest({.limits = {}, .message_limit = 5}) {}
};

TEST_F(LimitedRouterOfBatchesTest, ReceivesNoFrameAfterTheOneThatReachesTheLimit) {
  add_frames({batched(numbered(0, 3)), batched(numbered(3, 6), {.sequence = 3}), numbered(6)});
  EXPECT_EQ(close().received_frames(), 2U);
  EXPECT_EQ(capture_->messages(), numbered(0, 6));
}

}  // namespace
}  // namespace metlog
