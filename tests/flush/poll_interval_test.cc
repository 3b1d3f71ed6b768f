#include "metlog/internal/flush/poll_interval.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr SleepTime::Limits kLimits = {100us, 5ms, 100ms};

RoundLoad round_of(double fill, nanoseconds passed) {
  RoundLoad round;
  round.fill = fill;
  round.passed = passed;
  return round;
}

TEST(SleepTime, MakesTheRingsAnEighthFull) {
  SleepTime time(kLimits);
  nanoseconds sleep{};
  // A ring that takes 8 ms to fill.
  for (int i = 0; i < 20; ++i)
    sleep = time.after(round_of(static_cast<double>((sleep + 100us).count()) / 8e6, sleep + 100us));
  EXPECT_NEAR(static_cast<double>(sleep.count()), 1e6, 1e3);
}

TEST(SleepTime, IsZeroWhileTheRingsFillFasterThanTheBaseInterval) {
  SleepTime time(kLimits);
  EXPECT_EQ(time.after(round_of(0.9, 100us)), 0ns);
  EXPECT_EQ(time.after(round_of(0.2, 100us)), 0ns);
  EXPECT_EQ(time.after(round_of(0.125, 100us)), 100us);
}

TEST(SleepTime, GrowsToTheLongestAndInAQuietProcessBeyondIt) {
  SleepTime time(kLimits);
  nanoseconds last = 100us;
  for (int i = 0; i < 20; ++i) {
    const nanoseconds sleep = time.after(round_of(0.0001, last));
    EXPECT_LE(sleep, std::max(2 * last, nanoseconds(100us)));
    last = sleep;
  }
  EXPECT_EQ(last, 5ms);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(time.after(round_of(0, 5ms)), 5ms);
  for (int i = 0; i < 10; ++i) last = time.after(round_of(0, last));
  EXPECT_EQ(last, 100ms);
  EXPECT_EQ(time.after(round_of(0.0001, last)), 5ms);
}

TEST(SleepTime, IsTheBaseIntervalWhileADestinationIsFullOrTimesAreTaken) {
  SleepTime time(kLimits);
  for (int i = 0; i < 20; ++i) {
    RoundLoad round = round_of(0, 100us);
    round.is_stalled = i % 2 == 0;
    round.is_stamping = i % 2 == 1;
    EXPECT_EQ(time.after(round), 100us);
  }
  RoundLoad full = round_of(1, 100us);
  full.is_stalled = true;
  EXPECT_EQ(time.after(full), 100us) << "more of it finds no room either";
}

TEST(SleepTime, LooksSoonAfterWhatIsNotSentYet) {
  SleepTime time(kLimits);
  RoundLoad round = round_of(0, 5ms);
  round.is_pending = true;
  nanoseconds sleep{};
  for (int i = 0; i < 20; ++i) sleep = time.after(round);
  EXPECT_EQ(sleep, 5ms);
}

TEST(SleepTime, IsTheBaseIntervalWhereThatIsTheLongest) {
  SleepTime time({10ms, 1us, 1us});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(time.after(round_of(0, 10ms)), 10ms);
}

// A caller publishes and then asks whether the flusher sleeps; the flusher says that it sleeps and
// then looks. A wake that is lost ends the test run.
TEST(LongSleep, MissesNoCallThatDidNotWakeIt) {
  constexpr int kTurns = 20'000;
  std::atomic<int> published{0};
  std::atomic<int> read{0};
  std::thread caller([&] {
    for (int turn = 1; turn <= kTurns; ++turn) {
      // relaxed: only wake_long_sleep() makes it visible
      published.store(turn, std::memory_order_relaxed);
      wake_long_sleep();
      while (read.load(std::memory_order_acquire) < turn) std::this_thread::yield();
    }
  });
  while (read.load(std::memory_order_relaxed) < kTurns) {
    begin_long_sleep();
    const int seen = published.load(std::memory_order_relaxed);
    if (seen == read.load(std::memory_order_relaxed)) wait_for_flusher_wakeup(1h);
    end_long_sleep();
    read.store(published.load(std::memory_order_relaxed), std::memory_order_release);
  }
  caller.join();
}

/// An engine whose flusher sleeps for ten seconds unless something wakes it.
class SleepingFlusher : public testing::Test {
 protected:
  void start(EngineOptions options = {}) {
    options.session_directory = "none";
    options.poll_interval = options.max_poll_interval = options.idle_interval = 10s;
    Engine::Parts parts;
    parts.options = std::move(options);
    engine_.emplace(std::move(parts));
    client_.emplace(*engine_->open(std::make_unique<CaptureSender>(capture_)));
    METLOG_INFO(*client_, "the thread's first call");
    EXPECT_TRUE(client_->flush(60s));
    wait_for_sleep();
  }
  // A signal of flush() may be left, which ends the first sleep.
  static void wait_for_sleep() {
    while (!g_flusher_sleeps_long.load()) std::this_thread::yield();
  }
  void call(int count) {
    for (int i = 0; i < count; ++i) METLOG_INFO(*client_, "{}", i);
  }
  void expect_all(std::uint64_t calls) {
    EXPECT_EQ(client_->close(60s).lost, 0U);
    const Ledger ledger = client_->stats();
    EXPECT_EQ(ledger.emitted, calls);
    EXPECT_EQ(ledger.sent, calls);
    EXPECT_EQ(ledger.unexplained(), 0);
  }

  const std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::optional<Engine> engine_;
  std::optional<Client> client_;
};

constexpr auto kSoon = 5s;  // half of what the flusher would sleep

TEST_F(SleepingFlusher, IsWokenByABurstThatFillsAQuarterOfARing) {
  start();
  call(1030);
  EXPECT_TRUE(capture_->wait_for(1020, kSoon));
  expect_all(1031);
}

TEST_F(SleepingFlusher, IsWokenAgainByTheNextBurst) {
  start();
  for (int burst = 1; burst <= 20; ++burst) {
    call(1600);
    // What came after the wake waits for the next one.
    EXPECT_TRUE(capture_->wait_for(static_cast<std::size_t>(burst) * 1600 - 1100, kSoon)) << burst;
    EXPECT_TRUE(client_->flush(60s));
    wait_for_sleep();
  }
  expect_all(20 * 1600 + 1);
}

TEST_F(SleepingFlusher, IsWokenByTheSeverityThatWasNamed) {
  start({.wake_severity = Severity::kError});
  METLOG_WARN(*client_, "less severe");
  METLOG_INFO(*client_, "much less");
  METLOG_ERROR(*client_, "severe");
  EXPECT_TRUE(capture_->wait_for(4, kSoon));
  wait_for_sleep();
  client_->critical("by a function");
  EXPECT_TRUE(capture_->wait_for(5, kSoon));
  expect_all(5);
}

TEST_F(SleepingFlusher, IsWokenByAThreadsFirstCall) {
  start();
  std::thread([&] { METLOG_INFO(*client_, "takes a spare ring"); }).join();
  EXPECT_TRUE(capture_->wait_for(2, kSoon));
  expect_all(2);
}

TEST(EngineOptionsOfTheSleep, AreCheckedByTheirRanges) {
  for (const EngineOptions& wrong :
       {EngineOptions{.poll_interval = 0ns}, EngineOptions{.max_poll_interval = 501ms},
        EngineOptions{.idle_interval = -1ms}, EngineOptions{.crash_drain_limit = -1ms},
        EngineOptions{.crash_drain_limit = 61s}, EngineOptions{.wake_severity = Severity::kNotice},
        EngineOptions{.linger = -1ns}, EngineOptions{.linger = 501ms}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Engine::configure(wrong)));
  }
}

}  // namespace
}  // namespace metlog
