#include "metlog/internal/base/wake_event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace metlog {
namespace {

// Longer than a test may take: a wake that is lost ends the test run.
constexpr std::chrono::hours kForever{1};

TEST(WakeEvent, RungBeforeTheWaitEndsIt) {
  WakeEvent bell;
  bell.signal();
  bell.signal();
  bell.wait(kForever);
}

TEST(WakeEvent, EndsItsWaitWhenTheTimeIsOver) {
  WakeEvent bell;
  bell.wait(std::chrono::microseconds(1));
}

TEST(WakeEvent, LosesNoWakeBetweenTwoThreads) {
  constexpr int kTurns = 20'000;
  WakeEvent ping;
  WakeEvent pong;
  std::atomic<int> pings{0};
  std::atomic<int> pongs{0};
  std::thread other([&] {
    for (int turn = 1; turn <= kTurns; ++turn) {
      while (pings.load() < turn) ping.wait(kForever);
      pongs.store(turn);
      pong.signal();
    }
  });
  for (int turn = 1; turn <= kTurns; ++turn) {
    pings.store(turn);
    ping.signal();
    while (pongs.load() < turn) pong.wait(kForever);
  }
  other.join();
  EXPECT_EQ(pongs.load(), kTurns);
}

}  // namespace
}  // namespace metlog
