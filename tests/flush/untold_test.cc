// What was lost is told in the stream, even if the message that tells it is lost.

#include "metlog/internal/flush/untold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "senders/sender/frame_slice.h"
#include "tests/senders/captured_stderr.h"
#include "tests/senders/frame_log.h"
#include "tests/support/lines.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::vector<std::string> told_by(const std::vector<std::string>& messages) {
  std::vector<std::string> told;
  for (const std::string& message : messages) {
    told.push_back(is_loss(message)
                       ? loss_reason(message) + " " + std::to_string(loss_count(message)) + " of " +
                             field_of(message, "total")
                       : payload_of(message));
  }
  return told;
}

Capture::Answer refused() { return Capture::lost(LossReason::kNoReceiver); }

TEST(Untold, IsToldAgainAsOneMessageWhenSomethingGetsThrough) {
  TestEngine test;
  test.capture().script({refused(), refused()});
  for (int i = 0; i < 3; ++i) METLOG_INFO(test.log(), "{}", i);
  EXPECT_THAT(test.settle(), IsEmpty()) << "the loss and its message are lost";
  test.capture().script({refused()});
  METLOG_INFO(test.log(), "{}", 3);
  EXPECT_THAT(test.settle(), IsEmpty());
  EXPECT_EQ(test.client().stats().marks, 0U) << "what was lost is not in the stream";
  METLOG_INFO(test.log(), "{}", 4);
  EXPECT_THAT(told_by(test.settle()), ElementsAre("4", "no_receiver 4 of 4"));
  EXPECT_EQ(test.client().stats().marks, 1U);
}

TEST(Untold, IsToldAgainWithoutAnotherMessageAfterAWhile) {
  TestEngine test;
  test.capture().script({refused(), refused()});
  METLOG_INFO(test.log(), "lost");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(test.settle(), IsEmpty());
  while (test.capture().messages().empty()) test.engine().step();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Untold::kFirstWait);
  EXPECT_THAT(told_by(test.capture().messages()), ElementsAre("no_receiver 1 of 1"));
}

TEST(Untold, CostsADeadDestinationFewMessagesAndIsSaidAtTheClose) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  const auto dead = std::make_shared<Capture>();
  dead->script(std::vector(10'000, refused()));
  Client client = engine.open(std::make_unique<CaptureSender>(dead), {.logger = "shop"}).value();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    METLOG_INFO(client, "{}", i);
    engine.step();
  }
  const auto waits = (std::chrono::steady_clock::now() - begin) / Untold::kFirstWait;
  EXPECT_LE(dead->send_calls(), 1000U + 2 + static_cast<std::size_t>(waits));
  const CapturedStderr said;
  EXPECT_EQ(client.close(60s).lost, 1000U);
  EXPECT_EQ(client.stats().unexplained(), 0);
  EXPECT_THAT(said.text(), HasSubstr("lost 1000 messages to capture:"));
  EXPECT_THAT(said.text(), HasSubstr("(no_receiver 1000; logger 'shop')"));
}

TEST(Untold, SaysNothingAtTheCloseOfWhatWasTold) {
  const CapturedStderr said;
  {
    TestEngine test;
    test.capture().script({refused()});
    METLOG_INFO(test.log(), "lost");
  }
  EXPECT_EQ(said.text(), "");
}

TEST(Untold, SaysTheTotalsOfTheClient) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  test.capture().script({Capture::lost(LossReason::kRefused, 50)});
  for (int i = 0; i < 60; ++i) METLOG_INFO(test.log(), "{}", i);  // 55 fit
  test.settle();
  METLOG_INFO(test.log(), "room again");
  std::vector<std::string> losses = test.settle();
  std::erase_if(losses, [](const std::string& message) { return !is_loss(message); });
  EXPECT_THAT(told_by(losses), UnorderedElementsAre("refused 5 of 10", "ring_full 5 of 10"));
  const std::string& last = losses.back();
  EXPECT_EQ(field_of(last, "total"), "10");
  EXPECT_EQ(field_of(last, "total_refused"), "5");
  EXPECT_EQ(field_of(last, "total_ring_full"), "5");
  EXPECT_EQ(field_of(last, "total_expired"), "(absent)");
  EXPECT_THAT(field_of(last, "client"), Not("(absent)"));
  EXPECT_THAT(field_of(last, "session"), SizeIs(34));
}

TEST(Untold, FollowsTheClientToItsNextDestination) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  const auto dead = std::make_shared<Capture>();
  const auto alive = std::make_shared<Capture>();
  dead->script(std::vector(100, refused()));
  Client client = engine.open(std::make_unique<CaptureSender>(dead)).value();
  for (int i = 0; i < 3; ++i) METLOG_INFO(client, "{}", i);
  step_until_quiet(engine);
  METLOG_INFO(client, "lost while it is stopped");
  ASSERT_TRUE(reconfigure(client, std::make_unique<CaptureSender>(alive)).ok());
  METLOG_INFO(client, "arrives");
  EXPECT_EQ(client.close(60s).lost, 4U);
  std::uint64_t told = 0;
  for (const std::string& message : alive->messages())
    told += is_loss(message) ? loss_count(message) : 0;
  EXPECT_EQ(told, 4U);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

TEST(Untold, OfThreadsWithoutARingIsToldAtOnce) {
  TestEngine test({.engine = {.ring_bytes = 4096,
                              .max_ring_bytes = 4096 + 4096,
                              .spare_rings = 1,
                              .session_directory = "none"}});
  METLOG_INFO(test.log(), "1");
  std::thread([&] {
    for (int i = 0; i < 10; ++i) METLOG_INFO(test.log(), "{}", i);
  }).join();
  EXPECT_THAT(told_by(test.settle()), ElementsAre("1", "ring_full 10 of 10"));
}

// Two connections, of which the first is dead: the losses there are told over the other one.
TEST(Untold, IsToldOverAnotherConnectionOfThePool) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  std::vector<std::shared_ptr<Capture>> captures;
  const auto connect = [&captures]() -> absl::StatusOr<std::unique_ptr<Sender>> {
    captures.push_back(std::make_shared<Capture>());
    return std::make_unique<CaptureSender>(captures.back());
  };
  Client client = engine.open(connect, {.pool_size = 2}).value();
  captures[0]->script(std::vector(1000, refused()));
  for (int thread = 0; thread < 2; ++thread) {
    std::thread([&] { METLOG_INFO(client, "one"); }).join();
  }
  // Time passes, or a message gets through: the next notice goes over the other connection.
  while (captures[1]->messages().size() < 2) engine.step();
  EXPECT_EQ(client.close(60s).lost, 1U);
  EXPECT_THAT(told_by(captures[1]->messages()), ElementsAre("one", "no_receiver 1 of 1"));
  EXPECT_THAT(captures[0]->messages(), IsEmpty());
}

/// Where a RandomSender's messages arrive.
struct Arrived {
  std::vector<std::string> messages;
  FrameLog frames;
};

/// Takes, refuses and delays at random until its generator is taken away; leaves some messages in
/// batches that it calls sent. Cuts batched frames like the sender of a transport.
class RandomSender final : public Sender {
 public:
  RandomSender(std::shared_ptr<Arrived> arrived, std::mt19937*& random, bool is_batched)
      : arrived_(std::move(arrived)), random_(random), is_batched_(is_batched) {}

  SendResult send(Batch& batch) override {
    while (!batch.is_done()) {
      switch (random_ == nullptr ? 9U : (*random_)() % 10) {
        case 0:
          return SendResult::kBusy;
        case 1:
          batch.lose_rest(LossReason::kNoReceiver);
          return SendResult::kLost;
        case 2:
          return SendResult::kSent;
        case 3:
          batch.lose_message(LossReason::kTooLong);
          break;
        default:
          take_some(batch);
      }
    }
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "random:"; }

 private:
  void take_some(Batch& batch) {
    if (!is_batched_) {
      arrived_->messages.emplace_back(batch.message(0));
      return batch.take_messages(1);
    }
    const FrameSlice slice = slice_frame(batch, 0, 1400);
    std::string frame(FrameHeader::kBytes, '\0');
    slice.write_header(reinterpret_cast<unsigned char*>(frame.data()));
    ASSERT_TRUE(arrived_->frames.add(frame.append(slice.lines)));
    batch.take_messages(slice.header.count);
    arrived_->messages = arrived_->frames.messages;
  }

  const std::shared_ptr<Arrived> arrived_;
  std::mt19937*& random_;
  const bool is_batched_;
};

struct RandomCase {
  MessageFormat format;
  bool is_batched;
};

class RandomDestination : public testing::TestWithParam<RandomCase> {
 protected:
  RandomDestination() {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    parts.options.ring_bytes = 4096;
    parts.threads = Engine::Threads::kNone;
    engine_ = std::make_unique<Engine>(std::move(parts));
  }

  std::unique_ptr<Sender> next_sender() {
    arrived_.push_back(std::make_shared<Arrived>());
    return std::make_unique<RandomSender>(arrived_.back(), random_, GetParam().is_batched);
  }
  [[nodiscard]] ClientOptions options() const {
    ClientOptions options{.logger = "tests", .format = GetParam().format};
    options.batch_bytes = 600;
    options.batch_count = 3;
    options.close_limit = 60s;
    return options;
  }
  /// One of the things that a client goes through.
  void act(Client& client, std::uint64_t& calls) {
    const auto choice = generator_() % 100;
    if (choice < 80) {
      METLOG_INFO(client, "{}", calls++);
    } else if (choice < 82) {
      METLOG_INFO(client, "{}", std::string(5000, 'x'));
      ++calls;
    } else if (choice < 99) {
      engine_->step();
    } else {
      ASSERT_TRUE(reconfigure(client, next_sender(), options()).ok());
    }
  }

  std::mt19937 generator_;
  std::mt19937* random_ = &generator_;
  std::vector<std::shared_ptr<Arrived>> arrived_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(RandomDestination, IsToldOfAllThatDidNotArriveInTheStreamAlone) {
  const bool is_text = GetParam().format == MessageFormat::kText;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    generator_.seed(seed);
    random_ = &generator_;
    arrived_.clear();
    Client client = engine_->open(next_sender(), options()).value();
    std::uint64_t calls = 0;
    for (int i = 0; i < 3000; ++i) act(client, calls);
    random_ = nullptr;  // from here on all is taken
    client.close(60s);
    std::uint64_t delivered = 0;
    std::uint64_t told = 0;
    std::uint64_t marks = 0;
    for (const auto& arrived : arrived_) {
      for (const std::string& message : arrived->messages) {
        const bool tells = is_text ? is_loss_line(message) : is_loss(message);
        if (tells) told += is_text ? loss_line_count(message) : loss_count(message);
        ++(tells ? marks : delivered);
      }
    }
    ASSERT_GT(told, 0U) << "seed " << seed;
    ASSERT_EQ(delivered + told, calls) << "seed " << seed;
    const Ledger ledger = client.stats();
    ASSERT_EQ(ledger.emitted, calls);
    ASSERT_EQ(ledger.sent, delivered);
    ASSERT_EQ(ledger.marks, marks);
    ASSERT_EQ(ledger.lost.total(), told);
    ASSERT_EQ(ledger.unexplained(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, RandomDestination,
                         testing::Values(RandomCase{MessageFormat::kJson, false},
                                         RandomCase{MessageFormat::kText, false},
                                         RandomCase{MessageFormat::kJson, true}),
                         [](const auto& test) {
                           const bool is_text = test.param.format == MessageFormat::kText;
                           return std::string(is_text ? "Text" : "Json") +
                                  (test.param.is_batched ? "Batched" : "Plain");
                         });

}  // namespace
}  // namespace metlog
