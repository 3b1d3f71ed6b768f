// A destination that takes, refuses, loses and forgets at random: what did not arrive is reported.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "senders/sender/frame_slice.h"
#include "tests/senders/frame_log.h"
#include "tests/support/lines.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

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
    std::uint64_t reported = 0;
    std::uint64_t marks = 0;
    for (const auto& arrived : arrived_) {
      for (const std::string& message : arrived->messages) {
        const bool tells = is_text ? is_loss_line(message) : is_loss(message);
        if (tells) reported += is_text ? loss_line_count(message) : loss_count(message);
        ++(tells ? marks : delivered);
      }
    }
    ASSERT_GT(reported, 0U) << "seed " << seed;
    ASSERT_EQ(delivered + reported, calls) << "seed " << seed;
    const Ledger ledger = client.stats();
    ASSERT_EQ(ledger.emitted, calls);
    ASSERT_EQ(ledger.sent, delivered);
    ASSERT_EQ(ledger.marks, marks);
    ASSERT_EQ(ledger.lost.total(), reported);
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
