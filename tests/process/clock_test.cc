// The engine without a trustworthy counter. A process of its own: what a tick is, is decided
// once.

#include <gtest/gtest.h>
#include <time.h>

#include <memory>

#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"

namespace metlog {
namespace {

std::int64_t utc_now_ns() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

/// Nanoseconds between what the line says and the system's clock, both taken now.
std::int64_t error_of(const ClockLine& line) {
  const std::int64_t before = utc_now_ns();
  const std::int64_t shown = line.utc_ns(steady_ticks());
  const std::int64_t after = utc_now_ns();
  if (shown < before) return before - shown;
  return shown > after ? shown - after : 0;
}

class Ticks : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { g_ticks_are_steady = GetParam() && processor_has_steady_ticks(); }
  void TearDown() override { g_ticks_are_steady = processor_has_steady_ticks(); }
};

TEST_P(Ticks, BecomeUtcWithinAMillisecond) {
  SystemClock clock;
  EXPECT_LT(error_of(clock.line()), 1'000'000);
}

TEST_P(Ticks, NeverRunBackAcrossManyLooks) {
  SystemClock clock;
  std::int64_t last_ns = 0;
  for (const std::int64_t end_ns = utc_now_ns() + 60'000'000; last_ns < end_ns;) {
    const std::int64_t now_ns = clock.line().utc_ns(steady_ticks());
    ASSERT_GE(now_ns, last_ns);
    last_ns = now_ns;
  }
}

TEST_P(Ticks, GiveEveryMessageItsTimeWhateverTheyAre) {
  auto capture = std::make_shared<Capture>();
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.options.use_tsc = GetParam();
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  {
    absl::StatusOr<Client> log = engine.open(std::make_unique<CaptureSender>(capture));
    ASSERT_TRUE(log.ok());
    Client& client = *log;
    for (int i = 0; i < 100; ++i) METLOG_INFO(client, "{}", i);
    { METLOG_TIMER(client, "t"); }
    client.close(std::chrono::seconds(5));
    EXPECT_EQ(client.stats().sent, 101u);
    EXPECT_EQ(client.stats().unexplained(), 0);
  }
  const auto messages = capture->messages();
  ASSERT_EQ(messages.size(), 101u);
  std::string last;
  for (const std::string& message : messages) {
    const std::string time = message.substr(message.find("\"timestamp\":") + 13, 27);
    EXPECT_GE(time, last);
    last = time;
  }
}

INSTANTIATE_TEST_SUITE_P(CounterOrClock, Ticks, testing::Values(true, false));

}  // namespace
}  // namespace metlog
