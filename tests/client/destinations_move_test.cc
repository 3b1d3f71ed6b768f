// A living client gets other destinations, and more or fewer of them: no record is lost, sent twice
// or unexplained.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/metlog.h"
#include "tests/client/destinations_fixture.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using Outputs = std::vector<ClientOutput>;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// Gives a capture what it gets, once it is opened.
class TurnSender final : public Sender {
 public:
  TurnSender(const std::atomic<bool>& is_open, std::shared_ptr<Capture> sent)
      : is_open_(is_open), sent_(std::move(sent)) {}
  SendResult send(Batch& batch) override {
    return is_open_ ? sent_.send(batch) : SendResult::kBusy;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "turn:"; }

 private:
  const std::atomic<bool>& is_open_;
  CaptureSender sent_;
};

class MovedDestinations : public SeveralDestinations {
 protected:
  static ClientOutput turn(const std::atomic<bool>& is_open, const std::shared_ptr<Capture>& sent) {
    return ClientOutput([&is_open, sent] {
      return absl::StatusOr<std::unique_ptr<Sender>>(std::make_unique<TurnSender>(is_open, sent));
    });
  }
};

TEST_F(MovedDestinations, BecomeMore) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture()}).value();
  for (const int i : {1, 2}) METLOG_INFO(log, "{}", i);
  ASSERT_TRUE(reconfigure(log, {capture(), capture(), capture()}).ok());
  METLOG_INFO(log, "3");
  EXPECT_EQ(log.close(10s).sent, 5U);
  EXPECT_THAT(payloads(0), ElementsAre("1", "2"));
  for (const std::size_t next : {1U, 2U, 3U}) EXPECT_THAT(payloads(next), ElementsAre("3"));
  expect_conservation(log, 3);
  const std::vector<ClientOutputStats> outputs = log.outputs();
  ASSERT_THAT(outputs, SizeIs(3));
  EXPECT_EQ(outputs[0].ledger.sent, 3U) << "goes on with the account of the one before";
  EXPECT_EQ(outputs[1].ledger.sent, 1U);
  EXPECT_EQ(outputs[1].ledger.filtered, 2U) << "calls before it was added";
}

TEST_F(MovedDestinations, BecomeFewer) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(), capture(), capture()}).value();
  METLOG_INFO(log, "1");
  ASSERT_TRUE(reconfigure(log, {capture()}).ok());
  for (const int i : {2, 3}) METLOG_INFO(log, "{}", i);
  const Receipt receipt = log.close(10s);
  EXPECT_EQ(receipt.sent, 5U);
  EXPECT_EQ(receipt.handover, Handover::kPeer);
  for (const std::size_t old : {0U, 1U, 2U}) EXPECT_THAT(payloads(old), ElementsAre("1"));
  EXPECT_THAT(payloads(3), ElementsAre("2", "3"));
  ASSERT_THAT(log.outputs(), SizeIs(1));
  EXPECT_EQ(log.outputs()[0].ledger.emitted, 3U);
  EXPECT_EQ(log.stats().emitted, 5U) << "of the removed ones, what was emitted until then";
  EXPECT_EQ(log.stats().sent, 5U);
  EXPECT_EQ(log.stats().unexplained(), 0);
}

TEST_F(MovedDestinations, TakeTheirLevelsAndFormats) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(Severity::kError), capture(Severity::kError)}).value();
  METLOG_INFO(log, "nobody's");
  ClientOutput text = capture(Severity::kDebug);
  text.format = Formatter::pattern("%l %v");
  ASSERT_TRUE(reconfigure(log, {text, capture(Severity::kWarning)}).ok());
  METLOG_WARN(log, "both");
  METLOG_INFO(log, "one's");
  log.close(10s);
  EXPECT_THAT(payloads(0), IsEmpty());
  EXPECT_THAT(captures_[2]->messages(), ElementsAre("warning both", "info one's"));
  EXPECT_THAT(payloads(3), ElementsAre("both"));
  expect_conservation(log, 2);
}

TEST_F(MovedDestinations, AreAsBeforeWhenOneIsWrong) {
  Engine engine(parts());
  const TempDir files;
  Client log = engine.open(Outputs{capture(), capture()}).value();
  METLOG_INFO(log, "1");
  const std::string file = files.file("a");
  const absl::Status wrong = reconfigure(log, {"file:" + file, "null:?level=warming", capture()});
  EXPECT_THAT(std::string(wrong.message()),
              AllOf(StartsWith("destination 2 of 3: "), HasSubstr("did you mean warning?")));
  EXPECT_NE(::access(file.c_str(), F_OK), 0) << "opened before all names were checked";
  const absl::Status closed = reconfigure(log, {capture(), "file:" + files.file("no/such/file")});
  EXPECT_THAT(std::string(closed.message()), StartsWith("destination 2 of 2: "));
  EXPECT_FALSE(reconfigure(log, std::vector<ClientOutput>{}).ok());
  METLOG_INFO(log, "2");
  log.close(10s);
  EXPECT_THAT(payloads(0), ElementsAre("1", "2"));
  EXPECT_THAT(payloads(1), ElementsAre("1", "2"));
  expect_conservation(log, 2);
}

TEST_F(MovedDestinations, GoOnWithoutAnOptionalOne) {
  Engine engine(parts());
  const TempDir files;
  Client log = engine.open(Outputs{capture()}).value();
  testing::internal::CaptureStderr();
  const absl::Status status = reconfigure(
      log, {capture(), "file:" + files.file("no/such/file") + "?optional=1", capture()});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("without destination 2 of 3"));
  ASSERT_TRUE(status.ok()) << status;
  METLOG_INFO(log, "a");
  log.close(10s);
  EXPECT_THAT(payloads(1), ElementsAre("a"));
  EXPECT_THAT(payloads(2), ElementsAre("a"));
  expect_conservation(log, 1);
}

TEST_F(MovedDestinations, AreAsBeforeWhenTheProcessHasNoSlotForThem) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture()}).value();
  std::vector<Client> others;
  for (std::size_t i = 0; i + 2 < kClientSlots; ++i) {
    others.push_back(engine.open(Outputs{ClientOutput("null:")}).value());
  }
  EXPECT_EQ(reconfigure(log, {capture(), capture(), capture()}).code(),
            absl::StatusCode::kResourceExhausted);
  METLOG_INFO(log, "1");
  ASSERT_TRUE(reconfigure(log, {capture(), capture()}).ok()) << "one is free";
  METLOG_INFO(log, "2");
  ASSERT_TRUE(reconfigure(log, {capture()}).ok());
  ASSERT_TRUE(reconfigure(log, {capture(), capture()}).ok()) << "the slot has come back";
  METLOG_INFO(log, "3");
  log.close(10s);
  EXPECT_THAT(payloads(0), ElementsAre("1"));
  EXPECT_THAT(payloads(5), ElementsAre("2"));
  EXPECT_THAT(payloads(7), ElementsAre("3"));
  EXPECT_THAT(payloads(8), ElementsAre("3"));
  EXPECT_EQ(log.stats().unexplained(), 0);
  EXPECT_EQ(log.stats().sent, 5U);
}

TEST_F(MovedDestinations, AreToldOfLossesSinceTheyWereAdded) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture()}).value();
  std::uint64_t calls = 0;
  const auto lose = [&] {
    const std::uint64_t before = log.outputs()[0].ledger.lost.total();
    while (log.outputs()[0].ledger.lost.total() == before) METLOG_INFO(log, "{}", ++calls);
  };
  lose();
  METLOG_INFO(log, "{}", ++calls);
  while (engine.step()) continue;
  METLOG_INFO(log, "{}", ++calls);  // with the mark
  ASSERT_TRUE(reconfigure(log, {capture(), capture()}).ok());
  const std::uint64_t before = log.outputs()[0].ledger.lost.total();
  lose();
  log.close(10s);
  expect_conservation(log, calls);
  const std::uint64_t all = log.outputs()[1].ledger.lost.total();
  const auto told = [this](std::size_t capture) {
    std::uint64_t sum = 0;
    for (const std::string& message : captures_[capture]->messages()) {
      if (is_loss(message)) sum += loss_count(message);
    }
    return sum;
  };
  EXPECT_GT(before, 0U);
  EXPECT_EQ(told(0) + told(1), all);
  EXPECT_EQ(told(2), all - before);
}

TEST_F(MovedDestinations, CountWhatARemovedOneHasNotTaken) {
  std::atomic<bool> is_open{false};
  Engine engine(parts(Engine::Threads::kOwn));
  Client log = engine.open(Outputs{capture(), shut(is_open)}, {.close_limit = 100ms}).value();
  METLOG_INFO(log, "a");
  METLOG_INFO(log, "b");
  testing::internal::CaptureStderr();
  ASSERT_TRUE(reconfigure(log, {capture()}).ok());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("at the removal of a destination, "), HasSubstr("of shut: lost 2")));
  METLOG_INFO(log, "c");
  const Receipt receipt = log.close(10s);
  EXPECT_EQ(receipt.sent, 3U);
  EXPECT_EQ(receipt.lost, 2U);
  EXPECT_EQ(log.stats().lost[LossReason::kExpired], 2U);
  EXPECT_EQ(log.stats().unexplained(), 0);
  EXPECT_THAT(payloads(0), ElementsAre("a", "b"));
  EXPECT_THAT(payloads(1), ElementsAre("c"));
}

TEST_F(MovedDestinations, SendNothingToAUrlBeforeItsEarlierOneHasFinished) {
  std::atomic<bool> is_open{false};
  Engine engine(parts(Engine::Threads::kOwn));
  const ClientOptions options{.close_limit = 60s};
  const auto sent = std::make_shared<Capture>();
  Client log = engine.open(Outputs{capture(), turn(is_open, sent)}, options).value();
  METLOG_INFO(log, "1");
  const std::atomic<bool> always{true};
  std::thread mover([&] { EXPECT_TRUE(reconfigure(log, {turn(always, sent)}, options).ok()); });
  while (log.outputs().size() != 1) std::this_thread::yield();
  METLOG_INFO(log, "2");
  EXPECT_FALSE(sent->wait_for(1, 50ms)) << "sent before the earlier one was stopped";
  is_open = true;
  mover.join();
  EXPECT_EQ(log.close(60s).lost, 0U);
  EXPECT_THAT(sent->messages(), ElementsAre(HasSubstr("\"1\""), HasSubstr("\"2\"")));
}

TEST_F(MovedDestinations, GoOnInTheSameFile) {
  const TempDir files;
  const std::string a = "file:" + files.file("a");
  const std::string b = "file:" + files.file("b");
  Engine engine(parts(Engine::Threads::kOwn));
  Client log = engine.open(Outputs{ClientOutput(a)}, {.format = Formatter::pattern("%v")}).value();
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    METLOG_INFO(log, "{}", i);
    expected += std::to_string(i) + "\n";
    const Outputs next = i % 2 == 0 ? Outputs{b, a} : Outputs{a};
    ASSERT_TRUE(reconfigure(log, next, {.format = Formatter::pattern("%v")}).ok());
  }
  log.close(10s);
  EXPECT_EQ(content_of(files.file("a")), expected);
  EXPECT_EQ(log.stats().unexplained(), 0);
}

/// Calls of several threads while the client gets other destinations.
class MovedUnderLoad : public MovedDestinations {
 protected:
  static constexpr int kThreads = 4;

  void start(Client& client, int calls) {
    for (int t = 0; t < kThreads; ++t) {
      callers_.emplace_back([&client, t, calls] {
        for (int i = 0; i < calls; ++i) METLOG_INFO(client, "{} {}", t, i);
      });
    }
  }
  void join() {
    for (std::thread& caller : callers_) caller.join();
  }
  ClientOutput blocking_capture() {
    ClientOutput output = capture();
    output.when_full = WhenFull::kBlock;
    return output;
  }

  std::vector<std::thread> callers_;
};

TEST_F(MovedUnderLoad, GetTheSameRecordsEachOnce) {
  constexpr int kCalls = 6'000;
  Engine engine(parts(Engine::Threads::kOwn));
  const ClientOptions options{.when_full = WhenFull::kBlock};
  std::vector<std::size_t> firsts{0};  // of the captures that the client had at once
  Client log = engine.open(Outputs{blocking_capture()}, options).value();
  start(log, kCalls);
  for (std::size_t round = 0; round < 60; ++round) {
    firsts.push_back(captures_.size());
    Outputs outputs;
    for (std::size_t i = 0; i <= (round * 7 + round / 3) % 3; ++i) {
      outputs.push_back(blocking_capture());
    }
    ASSERT_TRUE(reconfigure(log, outputs, options).ok());
    EXPECT_EQ(log.stats().lost.total(), 0U);
  }
  join();
  const Receipt receipt = log.close(60s);
  firsts.push_back(captures_.size());
  std::vector<int> next(kThreads);
  std::uint64_t sent = 0;
  for (std::size_t round = 0; round + 1 < firsts.size(); ++round) {
    const std::vector<std::string> got = payloads(firsts[round]);
    for (std::size_t other = firsts[round]; other < firsts[round + 1]; ++other) {
      EXPECT_EQ(payloads(other), got) << "in round " << round;
      sent += got.size();
    }
    for (const std::string& payload : got) {
      const auto thread = static_cast<std::size_t>(payload[0] - '0');
      ASSERT_EQ(payload.substr(2), std::to_string(next[thread]++)) << "in round " << round;
    }
  }
  EXPECT_THAT(next, testing::Each(kCalls));
  expect_conservation_of_current(log, kThreads * kCalls);
  EXPECT_EQ(receipt.lost, 0U);
  EXPECT_EQ(receipt.sent, sent);
  EXPECT_EQ(log.stats().sent, sent);
  EXPECT_EQ(log.stats().unexplained(), 0);
}

TEST_F(MovedUnderLoad, ExplainWhatTheyLose) {
  std::atomic<bool> is_open{false};
  Engine engine(parts(Engine::Threads::kOwn));
  const ClientOptions options{.batch_bytes = 512, .batch_count = 2, .close_limit = 2ms};
  Client log = engine.open(Outputs{capture()}, options).value();
  start(log, 6'000);
  testing::internal::CaptureStderr();
  for (int round = 0; round < 40; ++round) {
    Outputs outputs;
    for (int i = 0; i <= round % 3; ++i) {
      outputs.push_back(round % 5 == 4 && i == 1 ? shut(is_open) : capture());
    }
    ASSERT_TRUE(reconfigure(log, outputs, options).ok());
  }
  join();
  const Receipt receipt = log.close(60s);
  testing::internal::GetCapturedStderr();
  std::uint64_t delivered = 0;
  for (std::size_t i = 0; i < captures_.size(); ++i) delivered += payloads(i).size();
  EXPECT_EQ(receipt.sent, delivered);
  expect_conservation_of_current(log, kThreads * 6'000);
  const Ledger all = log.stats();
  EXPECT_EQ(all.unexplained(), 0);
  EXPECT_EQ(all.sent, delivered);
  EXPECT_EQ(all.lost.total(), receipt.lost);
}

}  // namespace
}  // namespace metlog
