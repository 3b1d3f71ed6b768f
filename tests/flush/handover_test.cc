#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "metlog/log.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

/// Takes everything and has it flushed at the n-th flush; counts the calls.
class SlowlyFlushing final : public Sender {
 public:
  SlowlyFlushing(Handover promise, int flushes, int& calls)
      : promise_(promise), left_(flushes), calls_(calls) {}
  SendResult send(Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override {
    ++calls_;
    return --left_ <= 0;
  }
  [[nodiscard]] Handover handover() const override { return promise_; }
  [[nodiscard]] std::string_view url() const override { return "slow:"; }

 private:
  const Handover promise_;
  int left_;
  int& calls_;
};

/// With the engine's own threads and without.
class HandoverWith : public testing::TestWithParam<Engine::Threads> {
 protected:
  HandoverWith() : engine_(parts()) {}
  static Engine::Parts parts() {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    parts.threads = GetParam();
    return parts;
  }
  Client open(Handover promise, int flushes) {
    return engine_.open(std::make_unique<SlowlyFlushing>(promise, flushes, calls_)).value();
  }

  Engine engine_;
  int calls_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Threads, HandoverWith,
                         testing::Values(Engine::Threads::kNone, Engine::Threads::kOwn));

TEST_P(HandoverWith, FlushWaitsForTheSendersFlushAndSaysItsPromise) {
  for (const Handover promise : {Handover::kLibrary, Handover::kKernel, Handover::kPeer}) {
    calls_ = 0;
    Client client = open(promise, 3);
    METLOG_INFO(client, "one");
    const FlushResult result = client.flush(60s);
    EXPECT_TRUE(result);
    EXPECT_EQ(result.handover, promise);
    EXPECT_EQ(client.stats().sent, 1U);
    const Receipt receipt = client.close(60s);
    EXPECT_EQ(receipt.handover, promise);
    EXPECT_EQ(receipt.confirmed, promise == Handover::kPeer) << name_of(promise);
    EXPECT_GE(calls_, 4);
  }
}

TEST_P(HandoverWith, PromisesNothingWhileTheSenderHasNotFlushed) {
  Client client = open(Handover::kPeer, 1'000'000'000);
  METLOG_INFO(client, "one");
  const FlushResult result = client.flush(20ms);
  EXPECT_FALSE(result);
  EXPECT_EQ(result.handover, Handover::kNone);
  const Receipt receipt = client.close(20ms);
  EXPECT_EQ(receipt.sent, 1U);
  EXPECT_EQ(receipt.handover, Handover::kNone);
  EXPECT_FALSE(receipt.confirmed);
}

TEST_P(HandoverWith, AFlushThatCameTooEarlySpoilsNoLaterOne) {
  Client client = open(Handover::kKernel, 1'000);
  METLOG_INFO(client, "one");
  bool flushed = client.flush(0s);
  EXPECT_FALSE(flushed);
  METLOG_INFO(client, "two");
  flushed = client.flush(60s);
  EXPECT_TRUE(flushed);
  EXPECT_EQ(client.stats().sent, 2U);
}

TEST(Handover, AFlushThatNeverEndsStopsNoOtherMessages) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  int calls = 0;
  Client client =
      engine.open(std::make_unique<SlowlyFlushing>(Handover::kKernel, 1'000'000'000, calls))
          .value();
  METLOG_INFO(client, "one");
  while (client.stats().sent == 0) std::this_thread::yield();
  FlushResult result{Handover::kPeer};
  std::atomic<bool> is_over{false};
  std::thread flushing([&] {
    result = client.flush(300s);
    is_over.store(true, std::memory_order_release);  // pairs with the acquire below
  });
  while (!is_over.load(std::memory_order_acquire)) {  // pairs with the release above
    METLOG_INFO(client, "another");
    std::this_thread::yield();
  }
  flushing.join();
  EXPECT_EQ(result.handover, Handover::kNone) << "and long before its limit";
  const std::uint64_t before = client.stats().sent;
  METLOG_INFO(client, "goes on");
  while (client.stats().sent <= before) std::this_thread::yield();
  client.close(60s);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

TEST_P(HandoverWith, TheReceiptIsAsWeakAsTheWeakestDestination) {
  Client client = open(Handover::kLibrary, 1);
  METLOG_INFO(client, "one");
  const auto capture = std::make_shared<Capture>();
  ASSERT_TRUE(Engine::reconfigure(client, std::make_unique<CaptureSender>(capture)).ok());
  METLOG_INFO(client, "two");
  EXPECT_EQ(client.flush(60s).handover, Handover::kPeer) << "of what was emitted since";
  const Receipt receipt = client.close(60s);
  EXPECT_EQ(receipt.sent, 2U);
  EXPECT_EQ(receipt.handover, Handover::kLibrary);
  EXPECT_FALSE(receipt.confirmed);
}

}  // namespace
}  // namespace metlog
