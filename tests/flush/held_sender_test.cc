// A sender that does not return: its client is moved and closed within the limit, what it left is
// counted when it returns, and no thread destroys it under another.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

#include "metlog/internal/engine/starter.h"
#include "tests/support/barrier.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::Contains;
using testing::HasSubstr;

// Far more than any limit here, and less than for ever.
constexpr auto kBounded = 10s;

Engine::Parts parts() {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  return parts;
}

/// Does not return from send() before the barrier is open; then takes everything.
class HeldSender final : public Sender {
 public:
  HeldSender(Barrier& barrier, std::atomic<bool>& is_destroyed)
      : barrier_(barrier), is_destroyed_(is_destroyed) {}
  ~HeldSender() override { is_destroyed_ = true; }
  SendResult send(Batch& batch) override {
    barrier_.pass();
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "held:"; }

 private:
  Barrier& barrier_;
  std::atomic<bool>& is_destroyed_;
};

TEST(HeldSender, IsNotWaitedForAfterTheLimitAndIsDestroyedWhenItReturns) {
  Barrier barrier;
  std::atomic<bool> is_destroyed{false};
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  Client held = engine.open(std::make_unique<HeldSender>(barrier, is_destroyed)).value();
  METLOG_INFO(held, "first");
  barrier.wait_for_one();
  METLOG_INFO(held, "second");
  const auto begin = steady_clock::now();
  const Receipt receipt = held.close(50ms);
  EXPECT_LT(steady_clock::now() - begin, kBounded);
  EXPECT_EQ(receipt.sent, 0U);
  EXPECT_EQ(receipt.lost, 2U);
  EXPECT_EQ(held.stats().unexplained(), 0);
  EXPECT_FALSE(is_destroyed);
  // Other clients do not notice.
  Client other = engine.open(std::make_unique<CaptureSender>(std::make_shared<Capture>())).value();
  METLOG_INFO(other, "passes");
  EXPECT_EQ(other.close(60s).sent, 1U);
  barrier.open();
  while (!is_destroyed) std::this_thread::yield();
}

TEST(HeldSender, IsLeftBehindByAReconfigurationWhoseAccountIsCompleteOnceItReturns) {
  Barrier barrier;
  std::atomic<bool> is_destroyed{false};
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  Client client =
      engine.open(std::make_unique<HeldSender>(barrier, is_destroyed), {.close_limit = 50ms})
          .value();
  METLOG_INFO(client, "to the first");
  barrier.wait_for_one();
  const auto capture = std::make_shared<Capture>();
  const auto begin = steady_clock::now();
  EXPECT_TRUE(Engine::reconfigure(client, std::make_unique<CaptureSender>(capture)).ok());
  EXPECT_LT(steady_clock::now() - begin, kBounded);
  METLOG_INFO(client, "to the second");
  EXPECT_FALSE(client.flush(50ms));  // the first may have it, or not
  barrier.open();
  while (!is_destroyed) std::this_thread::yield();
  EXPECT_TRUE(client.flush(60s));
  EXPECT_EQ(client.stats().sent, 2U);
  EXPECT_EQ(client.stats().unexplained(), 0);
  EXPECT_EQ(client.close(60s).sent, 2U);
}

/// Does not return from send() before the barrier is open, and then is busy.
class LateBusySender final : public Sender {
 public:
  explicit LateBusySender(Barrier& barrier) : barrier_(barrier) {}
  SendResult send(Batch&) override { return barrier_.pass(), SendResult::kBusy; }
  bool flush(std::chrono::nanoseconds) override { return false; }
  [[nodiscard]] std::string_view url() const override { return "late:"; }

 private:
  Barrier& barrier_;
};

TEST(HeldSender, IsLeftBehindByAReconfigurationThatLosesWhatItLeaves) {
  Barrier barrier;
  Engine engine(parts());
  Client client =
      engine.open(std::make_unique<LateBusySender>(barrier), {.close_limit = 50ms}).value();
  METLOG_INFO(client, "in its hands");
  barrier.wait_for_one();
  METLOG_INFO(client, "waits for it");
  const auto capture = std::make_shared<Capture>();
  ASSERT_TRUE(Engine::reconfigure(client, std::make_unique<CaptureSender>(capture)).ok());
  METLOG_INFO(client, "to the second");
  EXPECT_FALSE(client.flush(50ms));
  barrier.open();
  const auto until = steady_clock::now() + kBounded;
  while (client.stats().pending != 0 && steady_clock::now() < until) std::this_thread::yield();
  EXPECT_TRUE(client.flush(60s));
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.sent, 1U);
  EXPECT_EQ(ledger.pending, 0U);
  EXPECT_EQ(ledger.lost[LossReason::kExpired], 2U);
  EXPECT_EQ(ledger.unexplained(), 0);
  EXPECT_EQ(client.close(60s).sent, 1U);
  EXPECT_THAT(capture->messages(), Contains(HasSubstr(R"("total_expired":2)")));
}

/// Takes everything, and does not return from flush() before the barrier is open.
class LateFlushingSender final : public Sender {
 public:
  LateFlushingSender(Barrier& barrier, std::atomic<bool>& is_destroyed)
      : barrier_(barrier), is_destroyed_(is_destroyed) {}
  ~LateFlushingSender() override { is_destroyed_ = true; }
  SendResult send(Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return barrier_.pass(), true; }
  [[nodiscard]] std::string_view url() const override { return "late:"; }

 private:
  Barrier& barrier_;
  std::atomic<bool>& is_destroyed_;
};

TEST(HeldSender, DoesNotTakeTheNextOneAwayFromTheThreadThatStopsIt) {
  Barrier first;
  Barrier second;
  std::atomic<bool> first_is_destroyed{false};
  std::atomic<bool> second_is_destroyed{false};
  Engine engine(parts());
  Client client =
      engine.open(std::make_unique<HeldSender>(first, first_is_destroyed), {.close_limit = 50ms})
          .value();
  METLOG_INFO(client, "to the first");
  first.wait_for_one();
  ASSERT_TRUE(
      Engine::reconfigure(client, std::make_unique<LateFlushingSender>(second, second_is_destroyed))
          .ok());
  METLOG_INFO(client, "to the second");
  const auto capture = std::make_shared<Capture>();
  std::thread reconfiguring([&] {
    EXPECT_TRUE(Engine::reconfigure(client, std::make_unique<CaptureSender>(capture)).ok());
  });
  second.wait_for_one();
  first.open();
  // The flusher's thread has tried to finish the first one after each round.
  Client other = engine.open(std::make_unique<CaptureSender>(std::make_shared<Capture>())).value();
  for (int i = 0; i < 20; ++i) {
    METLOG_INFO(other, "a round");
    EXPECT_TRUE(other.flush(60s));
  }
  EXPECT_FALSE(second_is_destroyed) << "while a thread is inside its flush()";
  second.open();
  reconfiguring.join();
  METLOG_INFO(client, "to the third");
  const auto until = steady_clock::now() + kBounded;
  while (!(first_is_destroyed && second_is_destroyed) && steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(first_is_destroyed);
  EXPECT_TRUE(second_is_destroyed);
  EXPECT_TRUE(client.flush(60s));
  EXPECT_EQ(client.stats().sent, 3U);
  EXPECT_EQ(client.stats().unexplained(), 0);
  EXPECT_EQ(client.close(60s).sent, 3U);
}

TEST(Starter, WaitsForAnotherThreadsAttemptForAWhileOnly) {
  Barrier barrier;
  Starter starter([&] { return barrier.pass(), absl::OkStatus(); });
  std::thread attempting([&] { EXPECT_TRUE(starter.start().ok()); });
  barrier.wait_for_one();
  const auto begin = steady_clock::now();
  EXPECT_FALSE(starter.start_seldom());
  EXPECT_EQ(starter.start().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(steady_clock::now() - begin, kBounded);
  barrier.open();
  attempting.join();
  EXPECT_TRUE(starter.start_seldom());
}

}  // namespace
}  // namespace metlog
