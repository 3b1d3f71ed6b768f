// How often a router wakes: once for what comes within a few milliseconds, and not by a timer.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "senders/sender/capture_sender.h"
#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Waits of this thread so far.
long wait_count() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

class RouterRest : public testing::Test {
 protected:
  RouterRest() {
    router_.add_input(*UdpInput::open("127.0.0.1:0", 4096, Reach::kLoopbackOnly));
    router_.add_input(*ZmqInput::open("tcp://127.0.0.1:*", 4096, Reach::kLoopbackOnly));
    router_.add_output(std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                                std::make_unique<CaptureSender>(capture_),
                                                Output::Options()));
    EXPECT_TRUE(router_.start().ok());
  }
  void expect_books(std::uint64_t sent) {
    router_.close(30s);
    const RouterLedger ledger = router_.ledger();
    EXPECT_EQ(ledger.unexplained(), 0U);
    EXPECT_EQ(ledger.outputs[0].written + ledger.kernel_drops(), sent);
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Router router_{Router::Options()};
};

TEST_F(RouterRest, WaitsInTheKernelWhileNothingComes) {
  router_.step(0ms);
  const long before = wait_count();
  const auto begun = Clock::now();
  EXPECT_FALSE(router_.step(200ms));
  EXPECT_GE(Clock::now() - begun, 199ms);
  EXPECT_LE(wait_count() - before, 3);
}

TEST_F(RouterRest, WakesOnceForEachFrameOfAQuietPeer) {
  constexpr int kFrames = 40;
  const std::string endpoint = router_.inputs()[0]->endpoint();
  std::thread sender([&endpoint] {
    const UdpPeer peer(endpoint);
    for (int i = 0; i < kFrames; ++i) {
      std::this_thread::sleep_for(8ms);
      peer.send(envelope());
    }
  });
  const auto give_up = Clock::now() + 30s;
  const long before = wait_count();
  while (router_.frame_count() < kFrames && Clock::now() < give_up) router_.step(1000ms);
  // A rest and then a wait for each were twice as many.
  EXPECT_LE(wait_count() - before, kFrames * 7 / 4);
  sender.join();
  expect_books(kFrames);
}

TEST_F(RouterRest, ReadsABusyPeerAFewHundredTimesASecond) {
  const std::string endpoint = router_.inputs()[0]->endpoint();
  std::atomic<bool> is_over{false};
  std::uint64_t sent = 0;
  std::thread sender([&] {
    const UdpPeer peer(endpoint);
    while (!is_over) {
      peer.send(envelope());
      ++sent;
      std::this_thread::sleep_for(100us);
    }
  });
  const auto begun = Clock::now();
  long rounds = 0;
  while (Clock::now() - begun < 300ms) rounds += router_.step(100ms) ? 1 : 0;
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  EXPECT_LE(rounds, taken.count() / 4 + 15);  // the first rests are shorter
  is_over = true;
  sender.join();
  expect_books(sent);
}

TEST_F(RouterRest, ABurstAfterASilenceIsReceivedOrCounted) {
  constexpr std::uint64_t kBurst = 3500;
  const UdpPeer peer(router_.inputs()[0]->endpoint());
  peer.send(envelope());
  const auto give_up = Clock::now() + 30s;
  while (router_.frame_count() < 1 && Clock::now() < give_up) router_.step(100ms);
  router_.step(60ms);  // silence
  std::thread sender([&peer] {
    for (std::uint64_t i = 0; i < kBurst; ++i) peer.send(envelope());
  });
  while (router_.step(100ms) || router_.frame_count() < 2) {
  }
  sender.join();
  expect_books(kBurst + 1);
}

}  // namespace
}  // namespace metlog
