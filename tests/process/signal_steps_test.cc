// A handler that logs, started at every instruction of a call in turn.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "metlog/metlog.h"
#include "metlog/signal_safe.h"
#include "tests/senders/temp_dir.h"
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
void log_as_usual(int) {
  METLOG_WARN(*g_log, "signal {}", g_said->handlers);
  g_said->handlers = g_said->handlers + 1;
}

using Handler = void (*)(int);

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

  /// Starts the handler after 0, 1, 2, .. instructions of the child's next calls, until it comes
  /// after the call; then lets the child close its client.
  void step_through(void (*call)(std::uint64_t), Handler handler) {
    TracedChild child([&] { run(call, handler); });
    ASSERT_TRUE(child.to_stop()) << "before its first call";
    int steps = 0;
    for (bool is_inside = true; is_inside; ++steps) {
      const std::uint64_t calls = g_said->calls;
      for (int i = 0; i < steps; ++i) ASSERT_TRUE(child.to_instruction());
      is_inside = g_said->calls == calls;
      ASSERT_TRUE(child.to_stop(SIGUSR1)) << "after " << steps << " instructions";
    }
    EXPECT_GT(steps, 100) << "void: too few for a call";
    g_said->has_closed = true;  // asks for it
    EXPECT_FALSE(child.to_stop()) << "the child ends";
  }

  /// The child's part: stops itself before each call. Every other call takes several cells of a
  /// small ring, so that each instruction meets each of its places.
  void run(void (*call)(std::uint64_t), Handler handler) const {
    EngineOptions engine;
    engine.ring_bytes = 4096;
    engine.session_directory = "none";
    if (!Engine::configure(engine).ok()) ::_exit(1);
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    absl::StatusOr<Client> log = open("file:" + log_file(), options);
    if (!log.ok()) ::_exit(2);
    g_log = &*log;
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(SIGUSR1, &action, nullptr);
    METLOG_INFO(*log, "first");
    (void)log->flush(std::chrono::seconds(10));
    while (true) {
      ::raise(SIGSTOP);
      if (g_said->has_closed) break;
      call(g_said->calls);
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
      const std::string padding(i % 2 == 0 ? 0 : 150, 'x');
      EXPECT_EQ(count["call " + std::to_string(i) + " " + padding], 1) << i;
    }
    for (std::uint64_t i = 0; i < g_said->handlers; ++i) {
      EXPECT_EQ(count["signal " + std::to_string(i)], 1) << i;
    }
    EXPECT_EQ(g_said->emitted, 1 + g_said->calls + g_said->handlers);
    EXPECT_EQ(g_said->sent, g_said->emitted);
  }

  const TempDir files_;
};

void call_as_usual(std::uint64_t number) {
  static const std::string padding(150, 'x');
  METLOG_INFO(*g_log, "call {} {}", number,
              number % 2 == 0 ? std::string_view() : std::string_view(padding));
}
void call_safely(std::uint64_t number) {
  static const std::string padding(150, 'x');
  METLOG_SIGNAL_SAFE(METLOG_INFO, *g_log, "call {} {}", number,
                     number % 2 == 0 ? std::string_view() : std::string_view(padding));
}

TEST_F(SignalSteps, OfACallMeetASafeCall) {
  ASSERT_NO_FATAL_FAILURE(step_through(&call_as_usual, &log_safely));
  expect_all_once();
}

TEST_F(SignalSteps, OfASafeCallMeetAnotherOne) {
  ASSERT_NO_FATAL_FAILURE(step_through(&call_safely, &log_safely));
  expect_all_once();
}

// Not allowed, and one of the two may be lost or torn. But nothing hangs, and the account is right.
TEST_F(SignalSteps, OfACallMeetAUsualCallThatIsAtLeastCounted) {
  ASSERT_NO_FATAL_FAILURE(step_through(&call_as_usual, &log_as_usual));
  EXPECT_EQ(g_said->emitted, 1 + g_said->calls + g_said->handlers);
  EXPECT_EQ(g_said->emitted, g_said->sent + g_said->lost);
  EXPECT_LE(g_said->lost, g_said->handlers);
  const std::map<std::string, int> count = received();
  for (const auto& [text, times] : count) EXPECT_EQ(times, 1) << text;
}

}  // namespace
}  // namespace metlog
