#include "senders/zmq/frame_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using Time = std::chrono::steady_clock::time_point;

constexpr Time kStart{std::chrono::hours(1)};

TEST(FramePool, GivesTheSameMemoryAgain) {
  const auto pool = FramePool::make(100);
  FramePool::Block* const first = pool->take(kStart);
  FramePool::Block* const second = pool->take(kStart);
  std::memset(FramePool::bytes(first), 1, pool->block_bytes());
  std::memset(FramePool::bytes(second), 2, pool->block_bytes());
  EXPECT_EQ(FramePool::bytes(first)[99], 1);
  FramePool::give_back(first);
  FramePool::give_back(second);
  EXPECT_EQ(pool->idle_count(), 2U);
  EXPECT_EQ((std::set{pool->take(kStart), pool->take(kStart)}), (std::set{first, second}));
  EXPECT_EQ(pool->idle_count(), 0U);
  FramePool::give_back(first);
  FramePool::give_back(second);
}

TEST(FramePool, KeepsWhatItHasForASecondWithoutUse) {
  const auto pool = FramePool::make(100);
  EXPECT_EQ(pool->release_unused(kStart), nanoseconds::max());
  FramePool::give_back(pool->take(kStart));
  EXPECT_EQ(pool->release_unused(kStart + milliseconds(400)), milliseconds(600));
  FramePool::give_back(pool->take(kStart + milliseconds(900)));
  EXPECT_EQ(pool->release_unused(kStart + milliseconds(1899)), milliseconds(1));
  EXPECT_EQ(pool->idle_count(), 1U);
  EXPECT_EQ(pool->release_unused(kStart + milliseconds(1900)), nanoseconds::max());
  EXPECT_EQ(pool->idle_count(), 0U);
}

TEST(FramePool, LivesUntilAnotherThreadHasGivenAllBack) {
  auto pool = FramePool::make(100);
  const std::weak_ptr<FramePool> seen = pool;
  FramePool::Block* const first = pool->take(kStart);
  FramePool::Block* const second = pool->take(kStart);
  std::thread other([first] { FramePool::give_back(first); });
  pool.reset();
  other.join();
  EXPECT_FALSE(seen.expired());
  std::memset(FramePool::bytes(second), 2, 100);
  FramePool::give_back(second);
  EXPECT_TRUE(seen.expired());
}

TEST(FramePool, IsFedByOneThreadWhileAnotherTakes) {
  const auto pool = FramePool::make(64);
  for (int round = 0; round < 200; ++round) {
    FramePool::Block* blocks[8];
    for (auto& block : blocks) {
      block = pool->take(kStart);
      std::memset(FramePool::bytes(block), round, 64);
    }
    std::thread other([&] {
      for (FramePool::Block* const block : blocks) FramePool::give_back(block);
    });
    FramePool::Block* const mine = pool->take(kStart);
    std::memset(FramePool::bytes(mine), round, 64);
    other.join();
    FramePool::give_back(mine);
  }
  EXPECT_LE(pool->idle_count(), 9U);
  EXPECT_GE(pool->idle_count(), 8U);
}

}  // namespace
}  // namespace metlog
