// The end of a client: by its deadline, with a receipt.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "metlog/internal/emit/producer.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

/// Never takes a message and never confirms a flush.
class StuckSender final : public Sender {
 public:
  SendResult send(Batch&) override { return SendResult::kBusy; }
  bool flush(std::chrono::nanoseconds) override { return false; }
  [[nodiscard]] std::string_view url() const override { return "stuck:"; }
};

/// Asks for the client's account while the client is being closed, when its queues are stopped.
class AskingSender final : public Sender {
 public:
  explicit AskingSender(std::optional<Client>& client, std::vector<Ledger>& answers)
      : client_(client), answers_(answers) {}
  SendResult send(Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override {
    if (client_.has_value()) answers_.push_back(client_->stats());
    return true;
  }
  [[nodiscard]] std::string_view url() const override { return "asking:"; }

 private:
  std::optional<Client>& client_;
  std::vector<Ledger>& answers_;
};

TEST(Closing, KeepsTheAccountWhileItLasts) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  std::optional<Client> client;
  std::vector<Ledger> answers;
  client.emplace(engine.open(std::make_unique<AskingSender>(client, answers)).value());
  for (int i = 0; i < 10; ++i) METLOG_INFO(*client, "{}", i);
  client->close(60s);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].emitted, 10U);
  EXPECT_EQ(answers[0].sent, 10U);
  EXPECT_EQ(answers[0].unexplained(), 0);
  EXPECT_EQ(client->stats().sent, 10U);
}

TEST(Closing, NeverTakesBackWhatItReportedToAnotherThread) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  const auto open = [&engine] {
    return engine.open(std::make_unique<CaptureSender>(std::make_shared<Capture>())).value();
  };
  Client client = open();
  for (int i = 0; i < 1000; ++i) METLOG_INFO(client, "{}", i);
  std::atomic<bool> is_over{false};
  std::vector<Ledger> answers;
  std::thread asking([&] {
    std::uint64_t sent = 0;
    while (!is_over.load(std::memory_order_relaxed)) {  // relaxed: a switch
      const Ledger ledger = client.stats();
      if (ledger.emitted != 1000 || ledger.sent < sent) answers.push_back(ledger);
      sent = ledger.sent;
    }
  });
  client.close(60s);
  // So many that one of them gets its slot.
  for (std::size_t i = 0; i < kClientSlots; ++i) {
    Client other = open();
    METLOG_INFO(other, "another");
    EXPECT_EQ(other.close(60s).sent, 1U);
  }
  is_over.store(true, std::memory_order_relaxed);  // relaxed: a switch
  asking.join();
  EXPECT_THAT(answers, SizeIs(0));
  EXPECT_EQ(client.stats().sent, 1000U);
}

TEST(Closing, GivesAReceiptOfWhatWasSent) {
  TestEngine test;
  for (int i = 0; i < 10; ++i) METLOG_INFO(test.log(), "{}", i);
  const Receipt receipt = test.client().close(60s);
  EXPECT_EQ(receipt.sent, 10U);
  EXPECT_EQ(receipt.spooled, 0U);
  EXPECT_EQ(receipt.lost, 0U);
  EXPECT_TRUE(receipt.confirmed);
  EXPECT_THAT(test.capture().messages(), SizeIs(10));
  const Receipt again = test.client().close(60s);
  EXPECT_EQ(again.sent, 10U);
  EXPECT_EQ(test.client().stats().emitted, 10U);
}

TEST(Closing, SaysWhenTheDestinationDoesNotConfirm) {
  TestEngine test;
  test.capture().set_flush_answer(false);
  METLOG_INFO(test.log(), "sent");
  const Receipt receipt = test.client().close(60s);
  EXPECT_EQ(receipt.sent, 1U);
  EXPECT_FALSE(receipt.confirmed);
}

/// Both ways to run: stepped, and with the engine's own threads.
class ClosingWith : public testing::TestWithParam<Engine::Threads> {};
INSTANTIATE_TEST_SUITE_P(Threads, ClosingWith,
                         testing::Values(Engine::Threads::kNone, Engine::Threads::kOwn));

TEST_P(ClosingWith, ExpiresWhatADeadDestinationHolds) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = GetParam();
  Engine engine(std::move(parts));
  Client client =
      engine.open(std::make_unique<StuckSender>(), {.batch_bytes = 1000, .batch_count = 2}).value();
  for (int i = 0; i < 1000; ++i) METLOG_INFO(client, "{}", i);
  const auto begin = std::chrono::steady_clock::now();
  const Receipt receipt = client.close(20ms);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms) << "it waits until the limit";
  EXPECT_EQ(receipt.sent, 0U);
  EXPECT_EQ(receipt.lost, 1000U);
  EXPECT_FALSE(receipt.confirmed);
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.emitted, 1000U);
  EXPECT_EQ(ledger.unexplained(), 0);
  EXPECT_EQ(ledger.lost[LossReason::kExpired], 1000U);
  METLOG_INFO(client, "after the end");
  EXPECT_EQ(client.stats().emitted, 1000U);
}

TEST_P(ClosingWith, LosesNothingThatIsStillInTheRings) {
  for (int round = 0; round < 20; ++round) {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    parts.threads = GetParam();
    Engine engine(std::move(parts));
    const auto capture = std::make_shared<Capture>();
    Client client = engine.open(std::make_unique<CaptureSender>(capture)).value();
    for (int i = 0; i < 1000; ++i) METLOG_INFO(client, "{}", i);
    const Receipt receipt = client.close(60s);
    ASSERT_EQ(receipt.sent, 1000U);
    ASSERT_TRUE(receipt.confirmed);
    ASSERT_THAT(capture->messages(), SizeIs(1000));
  }
}

TEST(Closing, ReportsLossesThatNoMarkCouldReport) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  for (int i = 0; i < 100; ++i) METLOG_INFO(test.log(), "{}", i);
  const Receipt receipt = test.client().close(60s);
  EXPECT_EQ(receipt.sent, 55U);
  EXPECT_EQ(receipt.lost, 45U);
  const std::vector<std::string> messages = test.capture().messages();
  ASSERT_THAT(messages, SizeIs(56));
  EXPECT_EQ(loss_count(messages.back()), 45U);
  EXPECT_EQ(loss_reason(messages.back()), "ring_full");
}

TEST(Closing, LeavesNothingForTheNextClientInItsSlot) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  {
    // Losses that are not marked yet when the client ends.
    Client full =
        test.engine().open(std::make_unique<CaptureSender>(std::make_shared<Capture>())).value();
    for (int i = 0; i < 100; ++i) METLOG_INFO(full, "{}", i);
    EXPECT_EQ(full.close(1s).lost, 45U);
  }
  const std::uint32_t slot = test.client().gate().slot + 1;
  for (std::size_t i = 0; i < kClientSlots; ++i) {
    const auto capture = std::make_shared<Capture>();
    Client next = test.engine().open(std::make_unique<CaptureSender>(capture)).value();
    if (next.gate().slot != slot) continue;
    METLOG_INFO(next, "mine");
    EXPECT_EQ(next.close(60s).sent, 1U);
    EXPECT_EQ(next.stats().emitted, 1U);
    EXPECT_EQ(next.stats().lost.total(), 0U);
    ASSERT_THAT(capture->messages(), SizeIs(1));
    EXPECT_EQ(payload_of(capture->messages()[0]), "mine");
    return;
  }
  FAIL() << "the slot was not used again";
}

TEST(Closing, RefusesMoreClientsThanThereAreSlotsAndTakesThemWhenOneIsFree) {
  TestEngine test;
  std::vector<Client> clients;
  for (std::size_t i = 1; i < kClientSlots; ++i) {
    clients.push_back(
        test.engine().open(std::make_unique<CaptureSender>(std::make_shared<Capture>())).value());
  }
  const auto one_more = [&] {
    return test.engine().open(std::make_unique<CaptureSender>(std::make_shared<Capture>()));
  };
  EXPECT_EQ(one_more().status().code(), absl::StatusCode::kResourceExhausted);
  clients.erase(clients.begin() + 7);
  EXPECT_TRUE(one_more().ok());
}

}  // namespace
}  // namespace metlog
