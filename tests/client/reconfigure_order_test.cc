// The messages of a thread keep their order when a client gets another destination.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

Engine::Parts without_session(Engine::Threads threads) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = threads;
  return parts;
}

/// Takes messages of the form "call 17" one by one, slowly, and notes their numbers.
class SlowSender final : public Sender {
 public:
  explicit SlowSender(std::vector<int>& numbers) : numbers_(numbers) {}
  SendResult send(Batch& batch) override {
    while (!batch.is_done()) {
      const std::string_view message = batch.message(0);
      const std::size_t at = message.find("call ");
      if (at != std::string_view::npos)
        numbers_.push_back(std::stoi(std::string(message.substr(at + 5))));
      batch.take_messages(1);
    }
    std::this_thread::yield();
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "slow:"; }

 private:
  std::vector<int>& numbers_;
};

/// Takes everything; calls a function when it is flushed, which is when it is being replaced.
class FlushedSender final : public Sender {
 public:
  FlushedSender(std::string url, std::function<void()> flushed)
      : url_(std::move(url)), flushed_(std::move(flushed)) {}
  SendResult send(Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override {
    flushed_();
    return true;
  }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  const std::string url_;
  const std::function<void()> flushed_;
};

TEST(ReconfiguredOrder, SendsNothingToTheSameUrlBeforeTheOldDestinationHasFinished) {
  Engine engine(without_session(Engine::Threads::kNone));
  for (const bool is_same : {true, false}) {
    const auto capture = std::make_shared<Capture>();
    std::size_t before_the_end = 0;
    const auto log_meanwhile = [&](Client& client) {
      client.info("two");
      step_until_quiet(engine);
      before_the_end = capture->messages().size();
    };
    Client* logging = nullptr;
    Client client = engine
                        .open(std::make_unique<FlushedSender>(is_same ? "capture:" : "other:",
                                                              [&] { log_meanwhile(*logging); }))
                        .value();
    logging = &client;
    client.info("one");
    ASSERT_TRUE(reconfigure(client, std::make_unique<CaptureSender>(capture)).ok());
    step_until_quiet(engine);
    EXPECT_EQ(before_the_end, is_same ? 0U : 1U);
    ASSERT_EQ(capture->messages().size(), 1U);
    EXPECT_EQ(payload_of(capture->messages()[0]), "two");
    EXPECT_EQ(client.close(60s).sent, 2U);
    EXPECT_EQ(client.stats().unexplained(), 0);
  }
}

// Batches of a message each: the flusher's thread and the one that reconfigures offer in turn.
TEST(ReconfiguredOrder, KeepsTheOrderOfAThread) {
  Engine engine(without_session(Engine::Threads::kOwn));
  constexpr int kRounds = 50;
  std::vector<std::vector<int>> numbers(kRounds + 1);
  ClientOptions options;
  options.when_full = WhenFull::kBlock;
  options.batch_bytes = 1;
  options.batch_count = 64;
  Client client = engine.open(std::make_unique<SlowSender>(numbers[0]), options).value();
  std::atomic<bool> is_over{false};
  int calls = 0;
  std::thread caller([&] {
    // relaxed: a switch
    while (!is_over.load(std::memory_order_relaxed)) METLOG_INFO(client, "call {}", calls++);
  });
  for (std::size_t round = 1; round <= kRounds; ++round) {
    // Some calls lie between two rounds.
    for (const std::uint64_t before = client.stats().emitted; client.stats().emitted < before + 20;)
      std::this_thread::yield();
    EXPECT_TRUE(reconfigure(client, std::make_unique<SlowSender>(numbers[round]), options).ok());
  }
  is_over.store(true, std::memory_order_relaxed);  // relaxed: a switch
  caller.join();
  EXPECT_EQ(client.close(60s).sent, static_cast<std::uint64_t>(calls));
  EXPECT_EQ(client.stats().unexplained(), 0);
  // One destination after the other, each from where the one before it ended.
  int next = 0;
  for (const std::vector<int>& of_one : numbers) {
    for (const int number : of_one) ASSERT_EQ(number, next++);
  }
  EXPECT_EQ(next, calls);
}

}  // namespace
}  // namespace metlog
