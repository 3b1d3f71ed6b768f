// Queues that share a thread: their turns, and the end of one while the thread goes on or is inside
// the sender of another.

#include "metlog/internal/flush/queue/queue_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/internal/engine/connect/shared_threads.h"
#include "metlog/internal/flush/send_queue.h"
#include "tests/support/barrier.h"
#include "tests/support/thread_count.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Far more than any limit here, and less than for ever.
constexpr auto kBounded = 10s;

/// Calls a function with each batch, then takes it whole or says what the function says.
class CallingSender final : public Sender {
 public:
  using Call = std::function<SendResult(Batch&)>;
  explicit CallingSender(Call call) : call_(std::move(call)) {}
  SendResult send(Batch& batch) override {
    const SendResult result = call_(batch);
    if (result == SendResult::kSent) batch.take_messages(batch.remaining_count());
    return result;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "calling:"; }

 private:
  const Call call_;
};

SendResult take(Batch&) { return SendResult::kSent; }

std::shared_ptr<QueueThread> new_thread() {
  return std::make_shared<QueueThread>(ThreadPlace{"metlog-send", {}, {}});
}

std::unique_ptr<SendQueue> queue_on(const std::shared_ptr<QueueThread>& thread,
                                    CallingSender::Call call, std::size_t batch_count = 4) {
  return std::make_unique<SendQueue>(
      std::make_unique<CallingSender>(std::move(call)),
      SendQueue::Options{.batch_count = batch_count, .shared_thread = thread});
}

/// Offers a batch of `count` messages; waits for an empty one.
void offer(SendQueue& queue, int count = 1) {
  Batch* batch = queue.try_take_empty();
  while (batch == nullptr) {
    std::this_thread::yield();
    batch = queue.try_take_empty();
  }
  for (int i = 0; i < count; ++i) batch->commit(batch->reserve(1), Batch::Origin::kUser);
  queue.offer(batch);
  queue.announce();
}

void wait_until_done(const SendQueue& queue) {
  while (queue.done_number() != queue.offered_number()) std::this_thread::yield();
}

/// Calls a function in its first turn, which is its last.
class OneTurn final : public QueueThread::Task {
 public:
  explicit OneTurn(std::function<void()> turn) : turn_(std::move(turn)) {}

 private:
  QueueThread::Next run_turn() override {
    turn_();
    return {QueueThread::Next::Kind::kEnded};
  }
  [[nodiscard]] bool is_at_rest() const override { return false; }

  const std::function<void()> turn_;
};

TEST(QueueThread, WorksForOneThatJoinsInTheLastTurnOfTheOnlyOther) {
  QueueThread thread(ThreadPlace{"metlog-send", {}, {}});
  OneTurn second([] {});
  OneTurn first([&] { EXPECT_TRUE(thread.add(second).ok()); });
  ASSERT_TRUE(thread.add(first).ok());
  const auto give_up_at = steady_clock::now() + kBounded;
  EXPECT_TRUE(thread.take_off(first, give_up_at, give_up_at));
  while (second.is_on() && steady_clock::now() < give_up_at) std::this_thread::yield();
  EXPECT_FALSE(second.is_on());
  EXPECT_TRUE(thread.take_off(second, give_up_at, give_up_at));
}

TEST(QueueThread, WorksForSeveralQueuesAndEndsWithTheLast) {
  const std::size_t before = settled_thread_count(1);
  const auto thread = new_thread();
  std::vector<std::unique_ptr<SendQueue>> queues;
  for (int i = 0; i < 10; ++i) {
    queues.push_back(queue_on(thread, take));
    ASSERT_TRUE(queues.back()->start().ok());
  }
  EXPECT_EQ(thread_count(), before + 1);
  for (int turn = 0; turn < 100; ++turn) {
    for (const auto& queue : queues) offer(*queue);
  }
  for (const auto& queue : queues) wait_until_done(*queue);
  while (queues.size() > 1) {
    EXPECT_TRUE(queues.back()->stop(60s));
    EXPECT_TRUE(queues.back()->has_ended());
    EXPECT_EQ(queues.back()->counts().sent, 100U);
    queues.pop_back();
    EXPECT_EQ(thread_count(), before + 1);
  }
  offer(*queues[0], 5);
  EXPECT_TRUE(queues[0]->stop(60s));
  EXPECT_EQ(queues[0]->counts().sent, 105U);
  EXPECT_EQ(settled_thread_count(before), before) << "it ends with the last queue";

  const auto later = queue_on(thread, take);
  ASSERT_TRUE(later->start().ok());
  EXPECT_EQ(thread_count(), before + 1) << "and begins again with another";
  offer(*later);
  wait_until_done(*later);
}

TEST(QueueThread, SendsABatchOfEachQueueInTurn) {
  Barrier barrier;
  std::string sent;  // by the thread, until it has ended
  const auto thread = new_thread();
  const auto first = queue_on(thread, [&](Batch&) {
    if (sent.empty()) barrier.pass();
    return sent += 'a', SendResult::kSent;
  });
  const auto second = queue_on(thread, [&](Batch&) { return sent += 'b', SendResult::kSent; });
  ASSERT_TRUE(first->start().ok() && second->start().ok());
  offer(*first);
  barrier.wait_for_one();
  for (int i = 0; i < 3; ++i) offer(*first);
  for (int i = 0; i < 3; ++i) offer(*second);
  barrier.open();
  EXPECT_TRUE(first->stop(60s));
  EXPECT_TRUE(second->stop(60s));
  EXPECT_EQ(sent, "abababa");
}

// Its naps are its own: 5 ms each, of which 400 batches of the other would be 2 s.
TEST(QueueThread, DoesNotSleepWhileAnotherQueueHasWork) {
  std::atomic<int> asked{0};
  const auto thread = new_thread();
  const auto busy = queue_on(thread, [&](Batch&) { return ++asked, SendResult::kBusy; });
  const auto other = queue_on(thread, take, 2);
  ASSERT_TRUE(busy->start().ok() && other->start().ok());
  offer(*busy);
  while (asked < 10) std::this_thread::yield();  // its naps are long by now
  const int asked_before = asked;
  const auto begin = steady_clock::now();
  for (int i = 0; i < 400; ++i) {
    busy->wake();
    offer(*other);
    wait_until_done(*other);
  }
  EXPECT_LT(steady_clock::now() - begin, 1500ms);
  // A wake does not end a nap.
  EXPECT_LE(asked - asked_before, (steady_clock::now() - begin) / 5ms + 2);
  busy->stop(0ns);
  EXPECT_EQ(busy->counts().lost[LossReason::kExpired], 1U);
}

TEST(QueueThread, IsWokenForAllQueuesWhenLateWakesEnd) {
  const auto thread = new_thread();
  const auto first = queue_on(thread, take);
  const auto second = queue_on(thread, take);
  ASSERT_TRUE(first->start().ok() && second->start().ok());
  // Each turn would take the thread's idle wait, up to a second, if it were not woken.
  const auto begin = steady_clock::now();
  for (int turn = 0; turn < 100; ++turn) {
    {
      const QueueThread::LateWakes late;
      offer(*first);
      offer(*second);
    }
    wait_until_done(*first);
    wait_until_done(*second);
    const QueueThread::LateWakes never_left;
    QueueThread::LateWakes::end();
    offer(*first);
    wait_until_done(*first);
  }
  EXPECT_LT(steady_clock::now() - begin, 30s);
}

TEST(QueueThread, EndsAQueueInTimeWhileItIsInsideTheSenderOfAnother) {
  Barrier barrier;
  const auto thread = new_thread();
  const auto held = queue_on(thread, [&](Batch&) { return barrier.pass(), SendResult::kSent; });
  const auto other = queue_on(thread, take);
  const auto idle = queue_on(thread, take);
  ASSERT_TRUE(held->start().ok() && other->start().ok() && idle->start().ok());
  offer(*held, 2);
  barrier.wait_for_one();
  offer(*other, 3);

  const auto begin = steady_clock::now();
  EXPECT_TRUE(idle->stop(60s)) << "nothing is left to do for it";
  EXPECT_LT(steady_clock::now() - begin, kBounded);
  EXPECT_TRUE(other->stop(20ms)) << "its own sender is free";
  EXPECT_LT(steady_clock::now() - begin, kBounded);
  EXPECT_TRUE(other->has_ended());
  EXPECT_EQ(other->counts().lost[LossReason::kExpired], 3U);
  EXPECT_EQ(other->done_number(), other->offered_number());

  EXPECT_FALSE(held->stop(20ms));
  EXPECT_FALSE(held->has_ended());
  EXPECT_TRUE(thread->is_stuck());
  barrier.open();
  while (!held->has_ended()) std::this_thread::yield();
  EXPECT_EQ(held->counts().sent, 2U);
}

// As the exit of the process does where it is called by a sender, to which it does not return.
TEST(QueueThread, StepsAndEndsTheOtherQueuesFromInsideASender) {
  std::unique_ptr<SendQueue> first;
  const auto thread = new_thread();
  const auto other = queue_on(thread, take);
  first = queue_on(thread, [&](Batch&) {
    EXPECT_TRUE(SendQueue::is_any_here());
    EXPECT_TRUE(first->is_on_thread() && other->is_on_thread());
    EXPECT_FALSE(first->may_step());
    EXPECT_TRUE(other->may_step());
    offer(*other, 3);
    EXPECT_TRUE(other->step());
    EXPECT_EQ(other->counts().sent, 3U);
    offer(*other, 2);
    EXPECT_TRUE(other->stop(60s));
    EXPECT_TRUE(other->has_ended());
    return SendResult::kSent;
  });
  ASSERT_TRUE(first->start().ok() && other->start().ok());
  EXPECT_FALSE(other->is_on_thread() || other->may_step());
  offer(*first);
  wait_until_done(*first);
  EXPECT_EQ(other->counts().sent, 5U);
  EXPECT_EQ(other->done_number(), other->offered_number());
  EXPECT_TRUE(first->stop(60s));
}

TEST(QueueThread, IsJoinedAndLeftByManyAtOnce) {
  const std::size_t before = settled_thread_count(1);
  const auto shared = new_thread();
  std::atomic<std::uint64_t> sent{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) {
        const auto queue = queue_on(shared, take, 2);
        ASSERT_TRUE(queue->start().ok());
        for (int batch = 0; batch < turn % 4; ++batch) offer(*queue);
        EXPECT_TRUE(queue->stop(60s));
        sent += queue->counts().sent;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sent, 4U * 50 * (0 + 1 + 2 + 3));
  EXPECT_EQ(settled_thread_count(before), before);
}

TEST(SharedThreads, AreOneForEachConnectionOfADestination) {
  SharedThreads threads(ThreadPlace{"metlog-send", {}, {}});
  const auto first = threads.of("file:a", 0);
  EXPECT_EQ(threads.of("file:a", 0), first);
  EXPECT_NE(threads.of("file:a", 1), first);
  EXPECT_NE(threads.of("file:b", 0), first);
}

TEST(SharedThreads, AreLeftAloneWhileTheyAreStuck) {
  Barrier barrier;
  SharedThreads threads(ThreadPlace{"metlog-send", {}, {}});
  const auto stuck = threads.of("file:a", 0);
  const auto held = queue_on(stuck, [&](Batch&) { return barrier.pass(), SendResult::kSent; });
  ASSERT_TRUE(held->start().ok());
  offer(*held);
  barrier.wait_for_one();
  EXPECT_EQ(threads.of("file:a", 0), stuck);
  EXPECT_FALSE(held->stop(0ns));
  const auto another = threads.of("file:a", 0);
  EXPECT_EQ(threads.of("file:a", 0), another);
  EXPECT_NE(another, stuck);
  if (another != stuck) {
    const auto queue = queue_on(another, take);
    ASSERT_TRUE(queue->start().ok());
    offer(*queue);
    wait_until_done(*queue);
  }
  barrier.open();
  while (!held->has_ended()) std::this_thread::yield();
}

}  // namespace
}  // namespace metlog
