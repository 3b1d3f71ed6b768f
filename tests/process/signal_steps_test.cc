// A handler that logs, started at every instruction of a call in turn.

#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/metlog.h"
#include "metlog/signal_safe.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/child_process.h"
#include "tests/support/messages.h"
#include "tests/support/sanitized.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

/// What the child says, in memory that both have.
struct Said {
  volatile std::uint64_t calls;     // that have returned
  volatile std::uint64_t handlers;  // likewise
  volatile std::uint64_t emitted, sent, lost;
  volatile bool has_closed;
};

Client* g_log = nullptr;
Said* g_said = nullptr;

void log_safely(int) {
  METLOG_SIGNAL_SAFE(METLOG_WARN, *g_log, "signal {}", g_said->handlers);
  g_said->handlers = g_said->handlers + 1;
}
// Twice: the second call finds what the first one has left. A handler may interrupt this one.
void log_as_usual(int) {
  static const std::string padding(100, 'y');
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t number = __atomic_fetch_add(&g_said->handlers, 1, __ATOMIC_RELAXED);
    METLOG_WARN(*g_log, "signal {} {}", number,
                i == 0 ? std::string_view() : std::string_view(padding));
  }
}

class SignalSteps : public testing::Test {
 protected:
  SignalSteps() {
    void* const memory =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_said = static_cast<Said*>(memory);
  }
  ~SignalSteps() override { munmap(g_said, 4096); }
  void SetUp() override {
    if (kSanitizer) GTEST_SKIP() << "a sanitizer's instructions are stepped through, too";
  }

  struct Plan {
    void (*call)(std::uint64_t number);
    void (*handler)(int);
    int every = 1;  // a number of instructions
    WhenFull when_full = WhenFull::kBlock;
    int flags = 0;  // of the handler
  };

  /// Starts the handler after 0, 1, 2, .. instructions of the child's next calls, until it comes
  /// after the call; then lets the child close its client. Each number of them meets two calls,
  /// which differ.
  void step_through(const Plan& plan) {
    const OneProcessor here;
    TracedChild child([&] { run(plan); });
    ASSERT_TRUE(child.to_stop()) << "before its first call";
    int steps = 0;
    for (bool is_inside = true; is_inside; steps += plan.every) {
      is_inside = false;
      for (int round = 0; round < 2; ++round) {
        const std::uint64_t calls = g_said->calls;
        for (int i = 0; i < steps; ++i) ASSERT_TRUE(child.to_instruction());
        is_inside = is_inside || g_said->calls == calls;
        ASSERT_TRUE(child.to_stop(SIGUSR1)) << "after " << steps << " instructions";
      }
    }
    EXPECT_GT(steps, 100) << "void: too few for a call";
    g_said->has_closed = true;  // asks for it
    EXPECT_FALSE(child.to_stop()) << "the child ends";
  }

  /// The child's part: stops itself before each call. The ring is small, so that each instruction
  /// meets each of its places.
  void run(const Plan& plan) const {
    EngineOptions engine;
    engine.ring_bytes = 4096;
    engine.session_directory = "none";
    if (!Engine::configure(engine).ok()) ::_exit(1);
    ClientOptions options;
    options.when_full = plan.when_full;
    absl::StatusOr<Client> log = open("file:" + log_file(), options);
    if (!log.ok()) ::_exit(2);
    g_log = &*log;
    struct sigaction action {};
    action.sa_handler = plan.handler;
    action.sa_flags = plan.flags;
    sigaction(SIGUSR1, &action, nullptr);
    METLOG_INFO(*log, "first");
    (void)log->flush(std::chrono::seconds(10));
    while (true) {
      ::raise(SIGSTOP);
      if (g_said->has_closed) break;
      plan.call(g_said->calls);
      g_said->calls = g_said->calls + 1;
    }
    log->close(std::chrono::seconds(10));
    const Ledger ledger = log->stats();
    g_said->emitted = ledger.emitted;
    g_said->sent = ledger.sent;
    g_said->lost = ledger.lost.total();
    ::_exit(0);
  }
  [[nodiscard]] std::string log_file() const { return files_.file("log.jsonl"); }
  /// How often each text has arrived.
  [[nodiscard]] std::map<std::string, int> received() const {
    std::map<std::string, int> count;
    std::istringstream file(content_of(log_file()));
    for (std::string line; std::getline(file, line);) {
      if (is_loss(line)) continue;
      expect_is_envelope(line);
      ++count[payload_of(line)];
    }
    return count;
  }
  /// Every call and every handler has arrived once, whole.
  void expect_all_once() const {
    std::map<std::string, int> count = received();
    EXPECT_EQ(count["first"], 1);
    for (std::uint64_t i = 0; i < g_said->calls; ++i) {
      EXPECT_EQ(count["call " + std::to_string(i) + " " + std::string(padding_of(i))], 1) << i;
    }
    expect_handlers_once(count);
    EXPECT_EQ(g_said->emitted, 1 + g_said->calls + g_said->handlers);
    EXPECT_EQ(g_said->sent, g_said->emitted);
  }
  static void expect_handlers_once(const std::map<std::string, int>& count) {
    std::map<std::uint64_t, int> signals;
    for (const auto& [text, times] : count) {
      if (text.rfind("signal ", 0) == 0) signals[std::stoull(text.substr(7))] += times;
    }
    EXPECT_EQ(signals.size(), g_said->handlers);
    for (const auto& [number, times] : signals) EXPECT_EQ(times, 1) << number;
  }
  /// Returns padding for a record of one cell, of two, or of three.
  static std::string_view padding_of(std::uint64_t number) {
    static const std::string padding(150, 'x');
    return std::string_view(padding).substr(0, number % 3 * 75);
  }

  const TempDir files_;
};

struct Calls : SignalSteps {
  static void as_usual(std::uint64_t number) {
    METLOG_INFO(*g_log, "call {} {}", number, padding_of(number));
  }
  static void safely(std::uint64_t number) {
    METLOG_SIGNAL_SAFE(METLOG_INFO, *g_log, "call {} {}", number, padding_of(number));
  }
  // More than the hot path takes: 40 cells of 64.
  static void with_a_long_text(std::uint64_t number) {
    static const std::string padding(2200, 'x');
    METLOG_INFO(*g_log, "call {} {}", number, padding);
  }
  // Encoded in the cells, or, every other time, on the stack, as the cells do not suffice.
  static void with_a_vector(std::uint64_t number) {
    static const std::vector<int> few{1, 2, 3};
    static const std::vector<int> many(600, 7);
    METLOG_INFO(*g_log, "call {} {}", number, number % 2 == 0 ? few : many);
  }
  static void in_a_context(std::uint64_t number) {
    const ScopedContext context({{"number", number}});
    METLOG_INFO(*g_log, "call {} {}", number, padding_of(number));
  }
};

TEST_F(SignalSteps, OfACallMeetASafeCall) {
  ASSERT_NO_FATAL_FAILURE(
      step_through({.call = &Calls::as_usual, .handler = &log_safely, .every = 3}));
  expect_all_once();
}

TEST_F(SignalSteps, OfASafeCallMeetAnotherOne) {
  ASSERT_NO_FATAL_FAILURE(
      step_through({.call = &Calls::safely, .handler = &log_safely, .every = 3}));
  expect_all_once();
}

TEST_F(SignalSteps, OfACallMeetUsualCalls) {
  ASSERT_NO_FATAL_FAILURE(step_through({&Calls::as_usual, &log_as_usual}));
  expect_all_once();
}

TEST_F(SignalSteps, OfACallMeetUsualCallsOfAHandlerThatBlocksNoSignal) {
  ASSERT_NO_FATAL_FAILURE(step_through(
      {.call = &Calls::as_usual, .handler = &log_as_usual, .every = 7, .flags = SA_NODEFER}));
  expect_all_once();
}

TEST_F(SignalSteps, OfACallInAContextMeetUsualCalls) {
  ASSERT_NO_FATAL_FAILURE(
      step_through({.call = &Calls::in_a_context, .handler = &log_as_usual, .every = 59}));
  expect_all_once();
}

TEST_F(SignalSteps, OfALongCallMeetUsualCalls) {
  ASSERT_NO_FATAL_FAILURE(
      step_through({.call = &Calls::with_a_long_text, .handler = &log_as_usual, .every = 61}));
  const std::map<std::string, int> count = received();
  for (std::uint64_t i = 0; i < g_said->calls; ++i) {
    EXPECT_EQ(count.at("call " + std::to_string(i) + " " + std::string(2200, 'x')), 1) << i;
  }
  expect_handlers_once(count);
  EXPECT_EQ(g_said->sent, 1 + g_said->calls + g_said->handlers);
}

TEST_F(SignalSteps, OfACallWithAVectorMeetUsualCalls) {
  ASSERT_NO_FATAL_FAILURE(
      step_through({.call = &Calls::with_a_vector, .handler = &log_as_usual, .every = 31}));
  const std::map<std::string, int> count = received();
  std::map<std::uint64_t, int> calls;
  for (const auto& [text, times] : count) {
    if (text.rfind("call ", 0) != 0) continue;
    const std::uint64_t number = std::stoull(text.substr(5));
    calls[number] += times;
    EXPECT_EQ(text.size() > 1000, number % 2 != 0) << text;
  }
  EXPECT_EQ(calls.size(), g_said->calls);
  for (const auto& [number, times] : calls) EXPECT_EQ(times, 1) << number;
  expect_handlers_once(count);
  EXPECT_EQ(g_said->sent, 1 + g_said->calls + g_said->handlers);
}

// A full ring: what does not arrive is counted.
TEST_F(SignalSteps, OfACallInAFullRingMeetUsualCalls) {
  const auto call = [](std::uint64_t number) {
    for (int i = 0; i < 80; ++i) METLOG_INFO(*g_log, "fill");
    Calls::as_usual(number);
  };
  ASSERT_NO_FATAL_FAILURE(step_through(
      {.call = call, .handler = &log_as_usual, .every = 2503, .when_full = WhenFull::kDrop}));
  EXPECT_EQ(g_said->emitted, 1 + 81 * g_said->calls + g_said->handlers);
  EXPECT_EQ(g_said->emitted, g_said->sent + g_said->lost);
  for (const auto& [text, times] : received()) {
    if (text != "fill") {
      EXPECT_EQ(times, 1) << text;
    }
  }
}

std::atomic<std::uint64_t> g_storm_signals{0};
void log_in_storm(int) {
  METLOG_WARN(*g_log, "signal {} {}", g_storm_signals.load(), 3 * g_storm_signals.load());
  g_storm_signals.fetch_add(1);
}

// At full speed, where the reader keeps up and where it does not.
TEST(SignalStorm, OfUsualCallsLosesNothingAndTearsNothing) {
  in_child([] {
    const TempDir files;
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    Client log = open("file:" + files.file("log.jsonl"), options).value();
    g_log = &log;
    struct sigaction action {};
    action.sa_handler = &log_in_storm;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, nullptr);
    constexpr std::uint64_t kCalls = 1'000'000;
    METLOG_INFO(log, "first 0 0");
    const itimerval every{{0, 100}, {0, 100}};
    setitimer(ITIMER_REAL, &every, nullptr);
    for (std::uint64_t i = 0; i < kCalls; ++i) METLOG_INFO(log, "call {} {}", i, 3 * i);
    const itimerval none{};
    setitimer(ITIMER_REAL, &none, nullptr);
    log.close(std::chrono::seconds(60));
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, 1 + kCalls + g_storm_signals.load());
    EXPECT_EQ(ledger.sent, ledger.emitted);
    EXPECT_GT(g_storm_signals.load(), 100U) << "void: too few handlers ran";
    std::uint64_t calls = 0;
    std::vector<int> signals(g_storm_signals.load());
    std::istringstream file(content_of(files.file("log.jsonl")));
    for (std::string line; std::getline(file, line);) {
      std::istringstream payload(payload_of(line));
      std::string kind;
      std::uint64_t number = 0;
      std::uint64_t triple = 0;
      ASSERT_TRUE(payload >> kind >> number >> triple) << line;
      ASSERT_EQ(triple, 3 * number) << line;
      if (kind == "call") {
        ASSERT_EQ(number, calls++) << "in its place";
      } else if (kind == "signal") {
        ++signals.at(number);
      }
    }
    EXPECT_EQ(calls, kCalls);
    for (const int times : signals) ASSERT_EQ(times, 1);
  });
}

sigjmp_buf g_way_out;
volatile bool g_may_jump = false;
void jump_out_after_a_call(int) {
  METLOG_WARN(*g_log, "signal {}", g_said->handlers);
  g_said->handlers = g_said->handlers + 1;
  if (g_may_jump) siglongjmp(g_way_out, 1);
}

// A handler leaves each instruction of a call for good. That call's message may be missing; the
// thread continues as before, with its policy and its context.
TEST_F(SignalSteps, OfACallAreLeftByJumps) {
  const auto call = [](std::uint64_t number) {
    if (sigsetjmp(g_way_out, 1) == 0) {
      g_may_jump = true;
      Calls::as_usual(number);
    }
    g_may_jump = false;
    const ScopedContext context({{"after", number}});
    METLOG_INFO(*g_log, "after {}", number);
  };
  ASSERT_NO_FATAL_FAILURE(
      step_through({.call = call, .handler = &jump_out_after_a_call, .every = 61}));
  std::map<std::string, int> count = received();
  for (std::uint64_t i = 0; i + 1 < g_said->calls; ++i) {
    EXPECT_GE(count["after " + std::to_string(i)], 1) << i;
  }
  EXPECT_EQ(g_said->emitted, g_said->sent + g_said->lost);
  EXPECT_LE(g_said->lost, g_said->handlers);
}

}  // namespace
}  // namespace metlog
