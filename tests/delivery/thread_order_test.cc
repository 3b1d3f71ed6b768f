// Eight threads log over a pool of connections to one subscriber, which gets every message of a
// thread once and in its order. METLOG_LONG_TEST: 10 million messages.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "metlog/metlog.h"
#include "tests/delivery/numbered_calls.h"
#include "tests/delivery/zmq_reader.h"
#include "tests/senders/without_session.h"

namespace metlog {
namespace {

using std::chrono::seconds;

/// The size of the pool, and whether frames are batched.
class OrderOfThreads : public testing::TestWithParam<std::tuple<std::size_t, bool>> {};

TEST_P(OrderOfThreads, IsKeptInAPool) {
  const auto [pool_size, is_batched] = GetParam();
  const std::uint64_t calls = is_long_test() ? 1'250'000 : 5'000;
  ZmqReader reader("tcp://127.0.0.1:*", {.asks_for_batches = is_batched});
  Engine engine(without_session());
  Client log = engine
                   .open(reader.endpoint() + "?hold_ms=60000&batch=" + (is_batched ? "1" : "0"),
                         {.when_full = WhenFull::kBlock, .pool_size = pool_size})
                   .value();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < calls; ++i) METLOG_INFO(log, "{} {}", thread, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(log.flush(seconds(60)));
  const Receipt receipt = log.close(seconds(60));
  EXPECT_EQ(receipt.sent, kThreads * calls);
  EXPECT_EQ(log.stats().emitted, kThreads * calls);
  EXPECT_EQ(log.stats().unexplained(), 0);
  const NumberedCalls& arrivals = reader.read_to_the_end(receipt.sent);
  const auto took = std::chrono::steady_clock::now() - begin;
  RecordProperty("messages_per_second",
                 static_cast<int>(static_cast<double>(receipt.sent) /
                                  std::chrono::duration<double>(took).count()));
  EXPECT_EQ(arrivals.calls(), receipt.sent);
  EXPECT_EQ(arrivals.out_of_order(), 0U);
  EXPECT_EQ(arrivals.missing(), 0U);
  EXPECT_EQ(arrivals.damaged(), 0U);
  EXPECT_EQ(arrivals.told(), 0U);
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    EXPECT_EQ(arrivals.next(thread), calls) << "of thread " << thread;
  }
}

INSTANTIATE_TEST_SUITE_P(Pools, OrderOfThreads,
                         testing::Combine(testing::Values(std::size_t{1}, std::size_t{4},
                                                          std::size_t{16}),
                                          testing::Bool()),
                         [](const auto& pool) {
                           return std::to_string(std::get<0>(pool.param)) +
                                  (std::get<1>(pool.param) ? "Batched" : "Plain");
                         });

}  // namespace
}  // namespace metlog
