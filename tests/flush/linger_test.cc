// Batches that wait for further messages, and what makes them go.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/flush/destination.h"
#include "metlog/internal/flush/flusher.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

/// An engine that looks at the rings every 50 us, and whose batches linger for a minute.
class Linger : public testing::Test {
 protected:
  void start(EngineOptions options = {}) {
    options.session_directory = "none";
    options.poll_interval = options.max_poll_interval = options.idle_interval = 50us;
    options.linger = 1min;
    Engine::Parts parts;
    parts.options = std::move(options);
    engine_.emplace(std::move(parts));
    client_.emplace(*engine_->open(std::make_unique<CaptureSender>(capture_)));
    call();  // the thread's first one, which wakes the flusher
    flush();
  }
  void call() { METLOG_INFO(*client_, "{}", ++calls_); }
  void flush() {
    ASSERT_TRUE(client_->flush(60s));
    // Its last signal may come after the round that it waited for.
    while (g_hand_over_wanted.load()) std::this_thread::yield();
  }
  void wait_until_pending(std::uint64_t count) const {
    while (client_->stats().pending < count) std::this_thread::yield();
  }
  void expect_all() {
    EXPECT_EQ(client_->close(60s).lost, 0U);
    const Ledger ledger = client_->stats();
    EXPECT_EQ(ledger.emitted, calls_);
    EXPECT_EQ(ledger.sent, calls_);
    EXPECT_EQ(ledger.unexplained(), 0);
    EXPECT_EQ(capture_->messages().size(), calls_);
  }

  const std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::optional<Engine> engine_;
  std::optional<Client> client_;
  std::uint64_t calls_ = 0;
};

TEST_F(Linger, CollectsTheMessagesOfSeveralRoundsWhichArePendingMeanwhile) {
  start();
  const std::size_t sends = capture_->send_calls();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    call();
    wait_until_pending(i);
    EXPECT_EQ(client_->stats().pending, i);
    EXPECT_EQ(client_->stats().sent, 1U);
    EXPECT_EQ(client_->stats().unexplained(), 0);
  }
  EXPECT_EQ(capture_->send_calls(), sends);
  flush();
  EXPECT_EQ(capture_->send_calls(), sends + 1) << "one batch";
  EXPECT_EQ(client_->stats().pending, 0U);
  expect_all();
}

TEST_F(Linger, EndsByFlush) {
  start();
  for (int i = 0; i < 100; ++i) {
    call();
    ASSERT_TRUE(client_->flush(30s));
    ASSERT_EQ(client_->stats().sent, calls_);
  }
  expect_all();
}

TEST_F(Linger, EndsByClose) {
  start();
  call();
  wait_until_pending(1);
  call();
  expect_all();
}

TEST_F(Linger, EndsByReconfigure) {
  start();
  call();
  wait_until_pending(1);
  const auto next = std::make_shared<Capture>();
  ASSERT_TRUE(reconfigure(*client_, std::make_unique<CaptureSender>(next)).ok());
  EXPECT_EQ(capture_->messages().size(), 2U);
  call();
  EXPECT_TRUE(client_->flush(60s));
  EXPECT_EQ(next->messages().size(), 1U);
  EXPECT_EQ(client_->stats().sent, 3U);
  EXPECT_EQ(client_->stats().emitted, 3U);
}

TEST_F(Linger, EndsByASeverityThatWakes) {
  start({.wake_severity = Severity::kError});
  call();
  wait_until_pending(1);
  METLOG_ERROR(*client_, "urgent {}", ++calls_);
  EXPECT_TRUE(capture_->wait_for(calls_, 30s));
  expect_all();
}

TEST_F(Linger, EndsWhenTheFlusherSleepsForLonger) {
  EngineOptions options;
  options.session_directory = "none";
  options.poll_interval = options.max_poll_interval = options.idle_interval = 200ms;
  options.linger = 100ms;
  Engine::Parts parts;
  parts.options = options;
  engine_.emplace(std::move(parts));
  client_.emplace(*engine_->open(std::make_unique<CaptureSender>(capture_)));
  for (int i = 0; i < 3; ++i) {
    call();
    // In the first round that finds it: it would be too old in the next one.
    EXPECT_TRUE(capture_->wait_for(calls_, 30s));
  }
  EXPECT_EQ(capture_->send_calls(), 3U);
  expect_all();
}

TEST_F(Linger, IsNotForAnEngineThatIsStepped) {
  Engine::Parts parts;
  parts.threads = Engine::Threads::kNone;
  parts.options.session_directory = "none";
  parts.options.linger = 1min;
  engine_.emplace(std::move(parts));
  client_.emplace(*engine_->open(std::make_unique<CaptureSender>(capture_)));
  call();
  engine_->step();
  EXPECT_EQ(client_->stats().sent, 1U);
  expect_all();
}

TEST(Flusher, HasDrainedARoundOnceNothingOfItLingers) {
  RingSet rings{RingSet::Options{}};
  SystemClock clock;
  Flusher flusher({&rings, &clock, {1, "host"}, "session", 1min});
  take_hand_over_request();  // of an earlier test
  flusher.step(Flusher::TimePoint::max(), Flusher::Batches::kMayLinger);
  EXPECT_TRUE(flusher.last_round().may_linger);
  EXPECT_EQ(flusher.round(), 1U);
  EXPECT_EQ(flusher.drained_round(), 0U);
  flusher.hand_over(std::chrono::steady_clock::now());
  EXPECT_EQ(flusher.drained_round(), 1U);
  wake_flusher();
  flusher.step(Flusher::TimePoint::max(), Flusher::Batches::kMayLinger);
  EXPECT_FALSE(flusher.last_round().may_linger);
  EXPECT_EQ(flusher.drained_round(), 2U);
  flusher.step();
  EXPECT_EQ(flusher.drained_round(), 3U);
}

/// A destination of one queue that sends nothing by itself.
struct OneQueue {
  OneQueue() {
    std::vector<std::unique_ptr<SendQueue>> queues;
    queues.push_back(std::make_unique<SendQueue>(std::make_unique<CaptureSender>(capture),
                                                 SendQueue::Options{}));
    destination = std::make_unique<Destination>(std::move(queues));
  }
  void fill() const {
    char* const text = destination->try_reserve(0, 1);
    *text = 'x';
    destination->commit(0, text + 1, RecordId{});
  }
  std::shared_ptr<Capture> capture = std::make_shared<Capture>();
  std::unique_ptr<Destination> destination;
};

TEST(Destination, OffersABatchWhoseFirstMessageIsOldEnough) {
  const OneQueue one;
  Destination& destination = *one.destination;
  const auto begin = OpenQueue::TimePoint() + 1h;
  EXPECT_FALSE(destination.offer_older(begin, begin)) << "it holds nothing";
  one.fill();
  EXPECT_TRUE(destination.offer_older(begin - 1ms, begin));
  EXPECT_EQ(destination.ledger().pending, 1U);
  one.fill();
  EXPECT_TRUE(destination.offer_older(begin - 1us, begin + 1ms)) << "by its first message";
  EXPECT_EQ(destination.ledger().pending, 2U);
  EXPECT_EQ(destination.queue(0).offered_number(), 0U);
  EXPECT_FALSE(destination.step());
  EXPECT_FALSE(destination.offer_older(begin, begin + 2ms));
  EXPECT_EQ(destination.queue(0).offered_number(), 1U);
  one.fill();
  EXPECT_TRUE(destination.offer_older(begin, begin + 3ms)) << "the age begins anew";
  EXPECT_TRUE(destination.step());
  EXPECT_EQ(destination.ledger().sent, 2U);
  EXPECT_EQ(destination.ledger().pending, 1U);
  destination.offer_all();
  EXPECT_TRUE(destination.step());
  EXPECT_EQ(destination.ledger().sent, 3U);
  EXPECT_EQ(one.capture->send_calls(), 2U);
}

TEST(SlotSet, VisitsWhatItHoldsInOrder) {
  SlotSet slots;
  const auto held = [&] {
    std::vector<std::uint32_t> found;
    slots.for_each([&](std::uint32_t slot) { found.push_back(slot); });
    return found;
  };
  EXPECT_TRUE(held().empty());
  for (const std::uint32_t slot : {255U, 0U, 64U, 63U, 0U}) slots.add(slot);
  EXPECT_EQ(held(), (std::vector<std::uint32_t>{0, 63, 64, 255}));
  slots.remove(63);
  slots.remove(1);
  EXPECT_EQ(held(), (std::vector<std::uint32_t>{0, 64, 255}));
}

}  // namespace
}  // namespace metlog
