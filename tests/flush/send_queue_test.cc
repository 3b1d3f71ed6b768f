// The numbers that a queue gives its messages, and when it wakes its thread.

#include "metlog/internal/flush/send_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Takes one message with each call, loses every third, and records their numbers.
class NotingSender final : public Sender {
 public:
  struct Notes {
    std::vector<std::uint64_t> sent;
    std::vector<std::uint64_t> lost;
    std::vector<StreamId> streams;
  };
  explicit NotingSender(std::shared_ptr<Notes> notes) : notes_(std::move(notes)) {}
  SendResult send(Batch& batch) override {
    notes_->streams.push_back(batch.stream);
    if (batch.sequence() % 3 == 2) {
      notes_->lost.push_back(batch.sequence());
      batch.lose_message(LossReason::kTooLong);
    } else {
      notes_->sent.push_back(batch.sequence());
      batch.take_messages(1);
    }
    return batch.is_done() ? SendResult::kSent : SendResult::kBusy;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "noting:"; }

 private:
  std::shared_ptr<Notes> notes_;
};

void offer(SendQueue& queue, int count, Batch::Origin origin = Batch::Origin::kUser) {
  Batch* batch = queue.try_take_empty();
  // The thread counts what it sent before the batch is empty again.
  while (batch == nullptr && queue.has_thread()) batch = queue.try_take_empty();
  ASSERT_NE(batch, nullptr);
  for (int i = 0; i < count; ++i) batch->commit(batch->reserve(1), origin);
  queue.offer(batch);
}

TEST(SendQueue, NumbersWhatItIsGivenWithoutGaps) {
  const auto notes = std::make_shared<NotingSender::Notes>();
  SendQueue queue(std::make_unique<NotingSender>(notes), {.batch_count = 4, .stream = {{5, 6}, 7}});
  offer(queue, 2);
  offer(queue, 0);
  offer(queue, 3, Batch::Origin::kEngine);
  offer(queue, 1);
  for (int i = 0; i < 20; ++i) queue.step();
  offer(queue, 4);  // in a batch used before
  for (int i = 0; i < 20; ++i) queue.step();
  EXPECT_THAT(notes->sent, ElementsAre(0, 1, 3, 4, 6, 7, 9));
  EXPECT_THAT(notes->lost, ElementsAre(2, 5, 8));
  EXPECT_THAT(notes->streams, testing::Each(StreamId{{5, 6}, 7}));
  EXPECT_EQ(queue.counts().sent + queue.counts().lost.total(), 7U);
}

// The flusher's thread and one that reconfigures or closes offer in turn, under the flusher's
// mutex.
TEST(SendQueue, KeepsTheOrderOfWhatSeveralThreadsOfferInTurn) {
  const auto notes = std::make_shared<NotingSender::Notes>();
  SendQueue queue(std::make_unique<NotingSender>(notes), {.batch_count = 8});
  std::uint64_t done = 0;
  for (int round = 0; round < 20; ++round) {
    offer(queue, 1);
    // More than this thread has offered: a queue that is in order only for each thread lets the
    // longest go first.
    std::thread other([&queue] {
      for (int i = 0; i < 5; ++i) offer(queue, 1);
    });
    other.join();
    offer(queue, 1);
    while (queue.step()) {
      ASSERT_GT(queue.done_number(), done) << "what is done never becomes undone";
      done = queue.done_number();
    }
  }
  EXPECT_EQ(done, 20U * 7);
  EXPECT_THAT(notes->sent, SizeIs(94));
  EXPECT_TRUE(std::is_sorted(notes->sent.begin(), notes->sent.end()));
  EXPECT_TRUE(std::is_sorted(notes->lost.begin(), notes->lost.end()));
  EXPECT_EQ(queue.counts().sent + queue.counts().lost.total(), 140U);
}

/// Keeps every batch until it is told what became of it.
class HoldingSender final : public Sender {
 public:
  struct State {
    std::vector<Batch*> held;
    std::vector<Batch*> settled;
    bool is_abandoned = false;
  };
  explicit HoldingSender(std::shared_ptr<State> state) : state_(std::move(state)) {}
  SendResult send(Batch& batch) override {
    state_->held.push_back(&batch);
    return SendResult::kHeld;
  }
  Batch* take_settled() override {
    if (state_->settled.empty()) return nullptr;
    Batch* const batch = state_->settled.back();
    state_->settled.pop_back();
    return batch;
  }
  void abandon() override { state_->is_abandoned = true; }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "holding:"; }

 private:
  std::shared_ptr<State> state_;
};

TEST(SendQueue, TakesBackInAnyOrderWhatItsSenderHolds) {
  const auto state = std::make_shared<HoldingSender::State>();
  SendQueue queue(std::make_unique<HoldingSender>(state), {.batch_count = 3});
  for (int i = 0; i < 3; ++i) offer(queue, 2);
  queue.step();
  ASSERT_THAT(state->held, SizeIs(3)) << "the queue goes on while a batch is held";
  EXPECT_EQ(queue.try_take_empty(), nullptr);
  EXPECT_EQ(queue.done_number(), 0U);

  state->held[1]->take_at(1);
  state->held[1]->lose_at(0, LossReason::kRefused);
  state->settled = {state->held[1]};
  EXPECT_TRUE(queue.step());
  EXPECT_EQ(queue.done_number(), 0U) << "the first batch is not done";
  EXPECT_EQ(queue.counts().sent, 1U);
  offer(queue, 1);  // in the batch that came back

  state->held[0]->take_messages(2);
  state->settled = {state->held[0]};
  queue.step();
  EXPECT_EQ(queue.done_number(), 2U);
  ASSERT_THAT(state->held, SizeIs(4));

  queue.stop(std::chrono::milliseconds(0));
  EXPECT_TRUE(state->is_abandoned);
  EXPECT_EQ(queue.done_number(), 4U);
  const SendQueue::Counts counts = queue.counts();
  EXPECT_EQ(counts.lost[LossReason::kExpired], 3U);
  EXPECT_EQ(counts.sent + counts.lost.total(), 7U);
}

TEST(SendQueue, WaitsAtItsEndForWhatItsSenderHolds) {
  const auto state = std::make_shared<HoldingSender::State>();
  SendQueue queue(std::make_unique<HoldingSender>(state), {.batch_count = 2});
  offer(queue, 2);
  ASSERT_TRUE(queue.start().ok());
  queue.stop(std::chrono::milliseconds(20));
  EXPECT_TRUE(state->is_abandoned);
  EXPECT_EQ(queue.counts().lost[LossReason::kExpired], 2U);
  EXPECT_EQ(queue.done_number(), 1U);
}

// Counts the messages that it takes.
class CountingSender final : public Sender {
 public:
  explicit CountingSender(std::atomic<std::uint64_t>& count) : count_(count) {}
  SendResult send(Batch& batch) override {
    const std::size_t count = batch.remaining_count();
    batch.take_messages(count);
    count_.fetch_add(count, std::memory_order_relaxed);  // relaxed: a counter
    count_.notify_all();
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "counting:"; }

 private:
  std::atomic<std::uint64_t>& count_;
};

TEST(SendQueue, SendsNothingWhileItIsHeldUnlessItIsStopped) {
  for (const bool has_thread : {false, true}) {
    std::atomic<std::uint64_t> count{0};
    SendQueue queue(std::make_unique<CountingSender>(count), {});
    queue.hold();
    if (has_thread) {
      ASSERT_TRUE(queue.start().ok());
    }
    offer(queue, 3);
    queue.announce();
    if (!has_thread) {
      EXPECT_FALSE(queue.step());
      queue.release();
      EXPECT_TRUE(queue.step());
      EXPECT_EQ(queue.done_number(), 1U);
      queue.hold();
      offer(queue, 3);
    }
    EXPECT_TRUE(queue.stop(std::chrono::seconds(60)));
    EXPECT_EQ(queue.counts().sent, has_thread ? 3U : 6U);
  }
}

/// Takes the first message of a batch and calls all of them sent.
class ForgetfulSender final : public Sender {
 public:
  SendResult send(Batch& batch) override {
    batch.take_messages(1);
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "forgetful:"; }
};

TEST(SendQueue, CountsAsRefusedWhatASenderLeftAndCalledSent) {
  SendQueue queue(std::make_unique<ForgetfulSender>(), {});
  offer(queue, 4);
  offer(queue, 1);
  queue.step();
  EXPECT_EQ(queue.counts().sent, 2U);
  EXPECT_EQ(queue.counts().lost[LossReason::kRefused], 3U);
  EXPECT_EQ(queue.counts().lost.total(), 3U);
}

// What is not needed gets no memory.
TEST(SendQueue, TakesTheFirstBatchAgainWhileItsSenderIsNotBehind) {
  const auto notes = std::make_shared<NotingSender::Notes>();
  SendQueue queue(std::make_unique<NotingSender>(notes), {.batch_count = 1000});
  Batch* const first = queue.try_take_empty();
  queue.offer(first);  // it is empty
  for (int i = 0; i < 3000; ++i) {
    Batch* const batch = queue.try_take_empty();
    ASSERT_EQ(batch, first);
    batch->commit(batch->reserve(1), Batch::Origin::kUser);
    queue.offer(batch);
    queue.step();
  }
  EXPECT_EQ(queue.counts().sent, 2000U);
  EXPECT_EQ(queue.counts().lost.total(), 1000U);
}

void wait_for(const std::atomic<std::uint64_t>& count, std::uint64_t wanted) {
  // relaxed, all: a counter
  std::uint64_t seen = count.load(std::memory_order_relaxed);
  while (seen < wanted) {
    count.wait(seen, std::memory_order_relaxed);
    seen = count.load(std::memory_order_relaxed);
  }
}

TEST(SendQueue, WakesItsThreadForAnAnnouncementAndWhenHalfOfTheBatchesWait) {
  std::atomic<std::uint64_t> count{0};
  SendQueue queue(std::make_unique<CountingSender>(count), {.batch_count = 4});
  ASSERT_TRUE(queue.start().ok());
  std::uint64_t wanted = 0;
  // Each turn would take the queue's idle wait, a second, if the thread were not woken.
  const auto begin = std::chrono::steady_clock::now();
  for (int turn = 0; turn < 200; ++turn) {
    offer(queue, 1);
    queue.announce();
    wait_for(count, wanted += 1);
    offer(queue, 2);
    offer(queue, 3);
    wait_for(count, wanted += 5);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(100));
  EXPECT_TRUE(queue.stop(std::chrono::seconds(60)));
  EXPECT_EQ(queue.counts().sent, wanted);
}

// Asks to be called again soon, and counts the calls.
class RestlessSender final : public Sender {
 public:
  explicit RestlessSender(std::atomic<std::uint64_t>& count) : count_(count) {}
  SendResult send(Batch&) override { return SendResult::kBusy; }
  bool flush(std::chrono::nanoseconds) override { return true; }
  std::chrono::nanoseconds idle() override {
    count_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
    count_.notify_all();
    return std::chrono::microseconds(100);
  }
  [[nodiscard]] std::string_view url() const override { return "restless:"; }

 private:
  std::atomic<std::uint64_t>& count_;
};

TEST(SendQueue, LeavesAnIdleSenderAloneNoLongerThanItSays) {
  std::atomic<std::uint64_t> count{0};
  SendQueue queue(std::make_unique<RestlessSender>(count), {});
  EXPECT_FALSE(queue.step());
  EXPECT_EQ(count.load(std::memory_order_relaxed), 1U);  // relaxed: a counter
  ASSERT_TRUE(queue.start().ok());
  const auto begin = std::chrono::steady_clock::now();
  wait_for(count, 100);
  // The queue's own idle wait is a second.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(50));
}

TEST(SendQueue, CountsWhatItCannotSendInTimeAsExpired) {
  std::atomic<std::uint64_t> count{0};
  SendQueue queue(std::make_unique<RestlessSender>(count), {});
  offer(queue, 3);
  offer(queue, 1, Batch::Origin::kEngine);
  queue.stop(std::chrono::nanoseconds(0));
  EXPECT_EQ(queue.counts().sent, 0U);
  EXPECT_EQ(queue.counts().lost[LossReason::kExpired], 3U);
  EXPECT_EQ(queue.counts().lost.total(), 3U);
}

TEST(Engine, GivesEachQueueAnotherStreamOfItsSession) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  std::vector<std::shared_ptr<NotingSender::Notes>> notes;
  for (int i = 0; i < 3; ++i) {
    notes.push_back(std::make_shared<NotingSender::Notes>());
    Client client = engine.open(std::make_unique<NotingSender>(notes.back())).value();
    METLOG_INFO(client, "hello");
    client.close(std::chrono::seconds(60));
    EXPECT_EQ(client.stats().unexplained(), 0);
    ASSERT_FALSE(notes.back()->streams.empty());
    EXPECT_NE(notes.back()->streams[0].session, StreamId{}.session);
    EXPECT_EQ(notes.back()->streams[0].session, notes[0]->streams[0].session);
    EXPECT_EQ(notes.back()->streams[0].number, static_cast<std::uint32_t>(i));
  }
}

}  // namespace
}  // namespace metlog
