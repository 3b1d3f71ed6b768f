// Many threads, and threads that end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/stepper.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

template <class Body>
void run_threads(int count, Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

/// Each thread's numbers must rise; returns how many messages there are.
std::size_t expect_order_of_each_thread(const std::vector<std::string>& messages) {
  std::map<int, int> last;
  std::size_t count = 0;
  for (const std::string& message : messages) {
    if (is_loss(message)) continue;
    const std::string payload = payload_of(message);
    const std::size_t space = payload.find(' ');
    const int thread = std::stoi(payload.substr(0, space));
    const int number = std::stoi(payload.substr(space + 1));
    const auto [at, is_first] = last.emplace(thread, -1);
    EXPECT_LT(at->second, number) << "of thread " << thread;
    at->second = number;
    ++count;
  }
  return count;
}

TEST(Threads, KeepTheirOrderAndEveryMessageHasAnAccount) {
  TestEngine test({.engine = {.ring_bytes = 64 * 1024, .session_directory = "none"}});
  {
    const Stepper stepper(test.engine());
    run_threads(8, [&](int me) {
      for (int i = 0; i < 20'000; ++i) {
        METLOG_INFO(test.log(), "{} {}", me, i, kv("text", std::string_view("0123456789")));
      }
    });
  }
  const std::size_t seen = expect_order_of_each_thread(test.settle());
  const Ledger ledger = test.client().stats();
  EXPECT_EQ(ledger.emitted, 160'000U);
  EXPECT_EQ(seen + ledger.lost[LossReason::kRingFull], 160'000U);
}

TEST(Threads, OfAnEngineWithItsOwnThreadsLoseNothingWhenTheyBlock) {
  TestEngineOptions options;
  options.threads = Engine::Threads::kOwn;
  options.client.when_full = WhenFull::kBlock;
  options.engine.ring_bytes = 4096;
  TestEngine test(std::move(options));
  run_threads(4, [&](int me) {
    for (int i = 0; i < 5'000; ++i) METLOG_INFO(test.log(), "{} {}", me, i);
  });
  ASSERT_TRUE(test.client().flush(std::chrono::seconds(60)));
  EXPECT_EQ(expect_order_of_each_thread(test.capture().messages()), 20'000U);
}

TEST(Threads, ThatGrowTheirRingsKeepTheirOrder) {
  TestEngineOptions options;
  options.client.when_full = WhenFull::kGrow;
  options.client.grow_limit_bytes = 1 << 20;
  options.engine.ring_bytes = 4096;
  TestEngine test(std::move(options));
  {
    const Stepper stepper(test.engine());
    run_threads(4, [&](int me) {
      for (int i = 0; i < 10'000; ++i) METLOG_INFO(test.log(), "{} {}", me, i);
    });
  }
  const std::size_t seen = expect_order_of_each_thread(test.settle());
  EXPECT_EQ(seen + test.client().stats().lost.total(), 40'000U);
}

TEST(Threads, ThatEndAtOnceLoseNothingAndLeaveTheirRingsToOthers) {
  TestEngineOptions options;
  options.engine.ring_bytes = 8192;
  options.engine.max_ring_bytes = 300 * (8192 + 4096);
  TestEngine test(std::move(options));
  for (int round = 0; round < 3; ++round) {
    run_threads(300, [&](int me) {
      for (int i = 0; i < me % 50 + 1; ++i) METLOG_INFO(test.log(), "{} {}", round * 300 + me, i);
    });
    EXPECT_EQ(expect_order_of_each_thread(test.settle()), test.calls());
    EXPECT_EQ(test.client().stats().lost.total(), 0U) << "all had a ring, in round " << round;
  }
}

TEST(Threads, ThatEndWithLossesStillToBeMarkedHaveThemTold) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  std::thread([&] {
    for (int i = 0; i < 100; ++i) METLOG_INFO(test.log(), "{}", i);
  }).join();
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(56));
  EXPECT_EQ(payload_of(messages[54]), "54");
  EXPECT_EQ(loss_count(messages[55]), 45U);
  EXPECT_EQ(loss_reason(messages[55]), "ring_full");
}

struct LogsWhenItDies {
  TestEngine* test = nullptr;
  ~LogsWhenItDies() {
    if (test != nullptr) METLOG_INFO(test->log(), "thread_local destructor");
  }
};
// Constructed before the thread's first call, so destroyed after everything that came later.
thread_local LogsWhenItDies t_logs_when_it_dies;

TEST(Threads, MayLogFromADestructorOfAThreadLocal) {
  TestEngine test;
  for (const bool logs_before : {true, false}) {
    std::thread([&] {
      t_logs_when_it_dies.test = &test;
      if (logs_before) METLOG_INFO(test.log(), "body");
    }).join();
  }
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  EXPECT_THAT(payloads, ElementsAre("body", "thread_local destructor", "thread_local destructor"));
}

}  // namespace
}  // namespace metlog
