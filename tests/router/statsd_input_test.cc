#include "tools/router/input/statsd_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <memory>
#include <string>

#include "senders/sender/capture_sender.h"
#include "tests/router/peers.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;

/// A router whose one input takes statsd.
class StatsdInputTest : public testing::Test {
 protected:
  explicit StatsdInputTest() : router_(Router::Options{}) {}

  void open(StatsdInput::Options options) {
    auto input = StatsdInput::open("127.0.0.1:0", Reach::kLoopbackOnly, std::move(options));
    ASSERT_TRUE(input.ok()) << input.status();
    const std::string endpoint = (*input)->endpoint();
    ASSERT_TRUE(endpoint.starts_with("statsd+udp://127.0.0.1:")) << endpoint;
    peer_ = std::make_unique<UdpPeer>(endpoint.substr(7));
    router_.add_input(*std::move(input));
    router_.add_output(std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                                std::make_unique<CaptureSender>(capture_),
                                                Output::Options()));
  }
  RouterLedger close() {
    router_.close(std::chrono::seconds(30));
    RouterLedger ledger = router_.ledger();
    EXPECT_EQ(ledger.unexplained(), 0U) << to_text(ledger);
    EXPECT_EQ(ledger.outputs[0].written, capture_->messages().size());
    return ledger;
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Router router_;
  std::unique_ptr<UdpPeer> peer_;
};

TEST_F(StatsdInputTest, PassesOnTheSumsOfTheLastIntervalWhenTheRouterEnds) {
  open({.stats = {.emits_in_fields = true}});
  peer_->send("a:1|c\na:2|c\nt:5|ms");
  peer_->send("bad\ng:7|g\n");
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.inputs[0].counts.metrics, 4U);
  EXPECT_EQ(ledger.inputs[0].counts.bad_metrics, 1U);
  EXPECT_EQ(ledger.inputs[0].counts.frames, 1U);
  EXPECT_NE(to_json(ledger).find("\"bad_metrics\":1"), std::string::npos) << to_json(ledger);
  ASSERT_EQ(capture_->messages().size(), 1U);
  dom::parser parser;
  const dom::element message = parser.parse(capture_->messages()[0]);
  EXPECT_EQ(std::string_view(message["type"]), "heka.statmetric");
  EXPECT_EQ(std::string_view(message["logger"]), "StatAccumInput");
  EXPECT_EQ(std::int64_t(message["severity"]), 7);
  EXPECT_EQ(std::int64_t(message["fields"]["stats.counters.a.count"]), 3);
  EXPECT_EQ(double(message["fields"]["stats.gauges.g"]), 7);
  EXPECT_EQ(std::int64_t(message["fields"]["stats.statsd.numStats"]), 3);
  EXPECT_NE(std::string_view(message["payload"]).find("stats.timers.t.mean 5.000000 "),
            std::string::npos);
}

TEST_F(StatsdInputTest, PassesOnNothingWhereNothingHasCome) {
  open({});
  EXPECT_EQ(close().accepted, 0U);
}

TEST_F(StatsdInputTest, PassesOnTheSumsOnceInAnInterval) {
  open({.stats = {.interval_seconds = 1, .deletes_idle = true}});
  peer_->send("a:1|c");
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (router_.frame_count() == 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    router_.step(std::chrono::milliseconds(100));
  }
  peer_->send("a:5|c");
  close();
  std::int64_t sum = 0;
  dom::parser parser;
  for (const std::string& text : capture_->messages()) {
    const std::string payload(std::string_view(parser.parse(text)["payload"]));
    const std::size_t at = payload.find("stats.counters.a.count ");
    if (at != std::string::npos) sum += std::stoi(payload.substr(at + 23));
  }
  EXPECT_EQ(sum, 6);
}

TEST_F(StatsdInputTest, DropsTheCutLineOfADatagramThatIsTooLong) {
  open({.max_datagram = 10});
  peer_->send("a:1|c\nb:23456789|c");
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.inputs[0].counts.metrics, 1U);
  EXPECT_EQ(ledger.inputs[0].counts.bad_metrics, 1U);
}

TEST_F(StatsdInputTest, SplitsSumsThatDoNotFitIntoAMessage) {
  open({.max_frame = 8 * 1024});
  for (int i = 0; i < 100; ++i) peer_->send("counter.number." + std::to_string(i) + ":1|c");
  close();
  EXPECT_GT(capture_->messages().size(), 3U);
}

TEST(StatsdInput, RefusesAnAddressThatOthersReach) {
  EXPECT_EQ(StatsdInput::open("0.0.0.0:0", Reach::kLoopbackOnly, {}).status().code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace metlog
