#include "metlog/internal/flush/destination.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/make_sender.h"

namespace metlog {
namespace {

std::unique_ptr<Destination> destination_of(std::size_t queues) {
  std::vector<std::unique_ptr<SendQueue>> made;
  for (std::size_t i = 0; i < queues; ++i) {
    made.push_back(std::make_unique<SendQueue>(*make_sender("null:"), SendQueue::Options{}));
  }
  return std::make_unique<Destination>(std::move(made));
}

void offer_a_message(Destination& destination) {
  char* const text = destination.try_reserve(0, 1);
  *text = 'x';
  destination.commit(0, text + 1, RecordId{});
  destination.offer_all();
}

TEST(Destination, HasDoneWhatItWasOfferedOnceItWasSent) {
  const auto destination = destination_of(2);
  offer_a_message(*destination);
  const Destination::Offered offered = destination->offered();
  EXPECT_FALSE(destination->has_done(offered));
  EXPECT_TRUE(destination->step());
  EXPECT_TRUE(destination->has_done(offered));
  EXPECT_EQ(destination->ledger().sent, 1U);
}

// One thread flushes while another reconfigures, to more connections than there were.
TEST(Destination, HasDoneWhatThePreviousOneWasOfferedOnceThatIsSettled) {
  auto previous = destination_of(1);
  Destination& old = *previous;
  offer_a_message(old);
  const Destination::Offered offered = old.offered();
  const auto destination = destination_of(4);
  destination->follow(std::move(previous));
  offer_a_message(*destination);
  EXPECT_FALSE(destination->has_done(offered));
  EXPECT_TRUE(old.step());
  destination->absorb_previous();
  EXPECT_TRUE(destination->has_done(offered));
  EXPECT_FALSE(destination->has_done(destination->offered()));
  EXPECT_TRUE(destination->step());
  EXPECT_EQ(destination->ledger().sent, 2U);
}

TEST(Destination, HasEndedOnceItIsStopped) {
  const auto destination = destination_of(1);
  EXPECT_FALSE(destination->has_ended());
  destination->stop(std::chrono::steady_clock::now());
  EXPECT_TRUE(destination->has_ended());
}

TEST(Destination, PromisesNothingOfWhatAnUnsettledOneSent) {
  auto previous = destination_of(1);
  offer_a_message(*previous);
  EXPECT_TRUE(previous->step());
  Destination& old = *previous;
  const auto destination = destination_of(1);
  destination->follow(std::move(previous));
  destination->stop(std::chrono::steady_clock::now());
  EXPECT_EQ(destination->final_handover(), Handover::kNone);
  old.stop(std::chrono::steady_clock::now());
  EXPECT_EQ(destination->final_handover(), Handover::kLibrary);
}

/// Does not return from send() before it may.
class StuckSender final : public Sender {
 public:
  explicit StuckSender(std::atomic<bool>& may_return) : may_return_(may_return) {}
  SendResult send(Batch& batch) override {
    may_return_.wait(false);
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "stuck:"; }

 private:
  std::atomic<bool>& may_return_;
};

TEST(Destination, GivesAllStuckSendersOneTimeOfGrace) {
  constexpr std::size_t kQueues = 32;
  std::atomic<bool> may_return{false};
  std::vector<std::unique_ptr<SendQueue>> queues;
  for (std::size_t i = 0; i < kQueues; ++i) {
    queues.push_back(std::make_unique<SendQueue>(std::make_unique<StuckSender>(may_return),
                                                 SendQueue::Options{.batch_bytes = 4096}));
  }
  Destination destination(std::move(queues));
  ASSERT_TRUE(destination.start().ok());
  for (std::size_t key = 0; key < kQueues; ++key) {
    char* const text = destination.try_reserve(key, 1);
    *text = 'x';
    destination.commit(key, text + 1, RecordId{});
  }
  destination.offer_all();
  const auto begin = std::chrono::steady_clock::now();
  destination.stop(begin + std::chrono::milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kQueues / 2 * SendQueue::kSenderGrace);
  may_return = true;
  may_return.notify_all();
  while (!destination.has_ended()) std::this_thread::yield();
  EXPECT_EQ(destination.ledger().sent, kQueues);
  EXPECT_EQ(destination.ledger().pending, 0U);
}

}  // namespace
}  // namespace metlog
