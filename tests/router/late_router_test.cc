// A router that starts after its client has lost messages, and the messages about them.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"
#include "tests/senders/temp_dir.h"
#include "tools/router/input/zmq_input.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

class LateRouter : public testing::TestWithParam<const char*> {};

TEST_P(LateRouter, IsToldOfAllThatWasLostBeforeIt) {
  constexpr std::uint64_t kLost = 200;
  const TempDir directory;
  const std::string endpoint = "ipc://" + directory.file("router");
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  Client client =
      engine.open(endpoint + "?hold_ms=0" + GetParam(), {.stats_interval = 1ms}).value();
  for (std::uint64_t i = 0; i < kLost; ++i) METLOG_INFO(client, "early {}", i);
  ASSERT_TRUE(client.flush(30s));
  ASSERT_EQ(client.stats().lost[LossReason::kNoReceiver], kLost);

  const auto capture = std::make_shared<Capture>();
  Router router({});
  router.add_output(std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                             std::make_unique<CaptureSender>(capture),
                                             Output::Options()));
  router.add_input(*ZmqInput::open(endpoint, max_frame_bytes(DecoderLimits().message_bytes),
                                   Reach::kLoopbackOnly));
  // The client tries again without another call.
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (router.ledger().client_losses.lost < kLost && std::chrono::steady_clock::now() < give_up) {
    router.step(10ms);
  }
  METLOG_INFO(client, "later");
  const Receipt receipt = client.close(30s);
  router.close(30s);
  const RouterLedger ledger = router.ledger();
  EXPECT_EQ(receipt.sent, 1U);
  EXPECT_EQ(client.stats().emitted, ledger.accepted - ledger.engine_messages + kLost);
  EXPECT_EQ(client.stats().marks, ledger.engine_messages);
  EXPECT_EQ(client.stats().unexplained(), 0);
  EXPECT_EQ(ledger.client_losses.lost, kLost);
  EXPECT_EQ(ledger.client_losses.lost_by_reason[LossReason::kNoReceiver], kLost);
  EXPECT_EQ(ledger.client_losses.unreported, 0U);
  EXPECT_EQ(ledger.unexplained(), 0U);
  // Numbered messages: those that were lost, and those about them.
  const bool is_numbered = std::string_view(GetParam()) != "&batch=0";
  EXPECT_EQ(ledger.sequence.missing_at_start > kLost, is_numbered);
  EXPECT_EQ(ledger.sequence.missing, ledger.sequence.missing_at_start);
  // What the client says it has lost was not lost on the way.
  ASSERT_EQ(ledger.sessions.worst.size(), 1U);
  EXPECT_EQ(ledger.sessions.worst[0].lost_by_clients(), kLost);
  EXPECT_EQ(ledger.sessions.lost_on_way, 0U);
  EXPECT_EQ(ledger.sessions.undecided, 0U);
}

INSTANTIATE_TEST_SUITE_P(Frames, LateRouter, testing::Values("&batch=0", "&batch=1", ""));

}  // namespace
}  // namespace metlog
