#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "senders/sender/capture_sender.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/router.h"

namespace metlog {

/// A router with an input of each kind and one output that captures. Driven by step(), which also
/// sends, unless the router was started.
class RouterTest : public testing::Test {
 protected:
  static constexpr std::chrono::seconds kLimit{30};
  static constexpr std::chrono::milliseconds kNoWait{0};

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
      router_.step(std::chrono::milliseconds(100));
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

}  // namespace metlog
