// Calls inside signal handlers that have interrupted calls.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "metlog/metlog.h"
#include "metlog/signal_safe.h"
#include "senders/sender/capture_sender.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

Client* g_log = nullptr;
std::atomic<unsigned> g_signals{0};

void log_in_handler(int) { METLOG_SIGNAL_SAFE(METLOG_WARN, *g_log, "signal {}", g_signals++); }

/// Signals this process every 50 us of its time while it lives.
class Alarms {
 public:
  Alarms() {
    struct sigaction action {};
    action.sa_handler = &log_in_handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, &before_);
    set(50);
  }
  ~Alarms() {
    set(0);
    sigaction(SIGALRM, &before_, nullptr);
  }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

 private:
  static void set(long us) {
    const itimerval every{{0, us}, {0, us}};
    setitimer(ITIMER_REAL, &every, nullptr);
  }
  struct sigaction before_ {};
};

TEST(SignalSafe, LosesNeitherItsCallsNorThoseItInterrupts) {
  const auto capture = std::make_shared<Capture>();
  ClientOptions options;
  options.when_full = WhenFull::kBlock;
  Client log = open(std::make_unique<CaptureSender>(capture), options).value();
  g_log = &log;
  constexpr unsigned kCalls = 300'000;
  {
    const Alarms alarms;
    for (unsigned i = 0; i < kCalls; ++i)
      METLOG_INFO(log, "call {} {}", i, std::string(i % 150U, 'x'));
  }
  log.close(std::chrono::seconds(20));
  const Ledger ledger = log.stats();
  EXPECT_EQ(ledger.emitted, kCalls + g_signals.load());
  EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
  EXPECT_EQ(ledger.lost.total(), ledger.lost[LossReason::kRingFull])
      << "of handlers, none of calls";
  EXPECT_GT(g_signals.load(), 100U) << "void: too few handlers ran";
  unsigned calls = 0;
  unsigned signals = 0;
  for (const std::string& message : capture->messages()) {
    const std::string payload = payload_of(message);
    if (payload.rfind("call ", 0) == 0) {
      ASSERT_EQ(payload, "call " + std::to_string(calls) + " " + std::string(calls % 150U, 'x'));
      ++calls;
    } else if (payload.rfind("signal ", 0) == 0) {
      ++signals;
    }
  }
  EXPECT_EQ(calls, kCalls);
  EXPECT_EQ(signals, g_signals.load() - ledger.lost.total());
}

TEST(SignalSafe, BeyondItsRingsIsCounted) {
  const auto capture = std::make_shared<Capture>();
  Client log = open(std::make_unique<CaptureSender>(capture)).value();
  METLOG_INFO(log, "first");
  {
    const SignalScope one;
    const SignalScope two;
    const SignalScope three;
    METLOG_SIGNAL_SAFE(METLOG_INFO, log, "fourth");
    const SignalScope four;
    METLOG_SIGNAL_SAFE(METLOG_INFO, log, "fifth");
  }
  METLOG_SIGNAL_SAFE(METLOG_INFO, log, "again");
  log.close(std::chrono::seconds(20));
  EXPECT_EQ(log.stats().emitted, 4U);
  EXPECT_EQ(log.stats().sent, 3U);
  EXPECT_EQ(log.stats().lost[LossReason::kNoRing], 1U);
}

}  // namespace
}  // namespace metlog
