// Threads that end while, or as soon as, they have logged; and calls that are left by a jump.

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

#include "metlog/metlog.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using std::chrono::seconds;

/// Runs `body` in a child, which has a minute. Its own expectations are the child's exit code.
void in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

/// Memory of the process, in KiB.
long resident_kb() {
  long pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  std::fclose(file);
  return pages * (::getpagesize() / 1024);
}

/// Starts a hundred threads ten times, which log 1 to 50 messages each and end at once.
std::uint64_t run_thousand_threads(Client& log) {
  std::uint64_t calls = 0;
  for (int round = 0; round < 10; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 100; ++i) {
      const int count = i % 50 + 1;
      calls += static_cast<std::uint64_t>(count);
      threads.emplace_back([&log, count] {
        for (int line = 0; line < count; ++line) METLOG_INFO(log, "line {}", line);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(log.flush(seconds(30)));
  }
  return calls;
}

TEST(ThreadEnd, OfThousandsLeavesNothing) {
  in_child([] {
    EngineOptions engine;
    engine.ring_bytes = 16 * 1024;  // the first thousand use each ring up once
    ASSERT_TRUE(Engine::configure(engine).ok());
    Client log = open("null:").value();
    std::uint64_t calls = run_thousand_threads(log);
    const long before = resident_kb();
    calls += run_thousand_threads(log);
    if (!kSanitizer) {  // they keep what threads had
      EXPECT_LE(resident_kb() - before, 3000) << "a page for each is 4000";
    }
    log.close(seconds(30));
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, calls);
    EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
    EXPECT_EQ(ledger.lost.total(), 0U);
  });
}

/// Logs for ever, with arguments that need no destructor.
struct Endless {
  Client* log;
  std::atomic<std::uint64_t> calls{0};
  int type = PTHREAD_CANCEL_DEFERRED;

  static void* run(void* self) {
    auto& endless = *static_cast<Endless*>(self);
    pthread_setcanceltype(endless.type, nullptr);
    while (true) {
      METLOG_INFO(*endless.log, "line {} {}", endless.calls.load(), 1.5);
      endless.calls.fetch_add(1);
      if (endless.type == PTHREAD_CANCEL_DEFERRED) pthread_testcancel();
    }
    return nullptr;
  }
};

/// Cancels threads that log; the account must be right, and other threads go on.
void cancel_threads(int type, WhenFull when_full) {
  EngineOptions engine;
  engine.ring_bytes = 8192;
  ASSERT_TRUE(Engine::configure(engine).ok());
  ClientOptions options;
  options.when_full = when_full;
  Client log = open("null:", options).value();
  std::uint64_t returned = 0;
  constexpr int kThreads = 200;
  for (int i = 0; i < kThreads; ++i) {
    Endless endless{&log, {0}, type};
    pthread_t thread{};
    ASSERT_EQ(pthread_create(&thread, nullptr, &Endless::run, &endless), 0);
    while (endless.calls.load() < static_cast<std::uint64_t>(i)) std::this_thread::yield();
    pthread_cancel(thread);
    pthread_join(thread, nullptr);
    returned += endless.calls.load();
  }
  METLOG_INFO(log, "last");
  EXPECT_TRUE(log.flush(seconds(30)));
  log.close(seconds(30));
  const Ledger ledger = log.stats();
  EXPECT_GE(ledger.emitted, returned + 1);
  EXPECT_LE(ledger.emitted, returned + 1 + kThreads) << "each was in one call at most";
  EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
  EXPECT_LE(ledger.lost[LossReason::kExpired], std::uint64_t{kThreads})
      << "the calls that they left";
}

TEST(ThreadEnd, ByDeferredCancellationLeavesARightAccount) {
  in_child([] { cancel_threads(PTHREAD_CANCEL_DEFERRED, WhenFull::kDrop); });
}

TEST(ThreadEnd, ByDeferredCancellationOfACallThatWaitsLeavesARightAccount) {
  in_child([] { cancel_threads(PTHREAD_CANCEL_DEFERRED, WhenFull::kBlock); });
}

/// Threads that are to be cancelled before their first call; no spare ring is left for most of
/// them.
struct Doomed {
  Client* log;
  int threads;
  std::atomic<int> called{0};
  std::atomic<int> returned{0};

  struct Count {
    std::atomic<int>& calls;
    ~Count() { calls.fetch_add(1); }  // also when the call is left by a cancellation
  };

  static void* run(void* self) {
    auto& doomed = *static_cast<Doomed*>(self);
    pthread_cancel(pthread_self());
    {
      const Count count{doomed.called};
      METLOG_INFO(*doomed.log, "line");
      doomed.returned.fetch_add(1);
    }
    while (doomed.called.load() < doomed.threads) sched_yield();
    pthread_testcancel();
    return nullptr;
  }
};

TEST(ThreadEnd, ByACancellationThatIsPendingInTheFirstCallComesAfterIt) {
  in_child([] {
    Client log = open("null:").value();
    Doomed doomed{&log, 40};
    std::vector<pthread_t> threads(static_cast<std::size_t>(doomed.threads));
    for (pthread_t& thread : threads) {
      ASSERT_EQ(pthread_create(&thread, nullptr, &Doomed::run, &doomed), 0);
    }
    for (const pthread_t thread : threads) {
      void* result = nullptr;
      pthread_join(thread, &result);
      EXPECT_EQ(result, PTHREAD_CANCELED);
    }
    EXPECT_EQ(doomed.returned.load(), doomed.threads);
    log.close(seconds(30));
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, 40U);
    EXPECT_EQ(ledger.sent, 40U);
  });
}

sigjmp_buf g_way_out;
std::atomic<bool> g_may_jump{false};
void jump_out(int) {
  if (g_may_jump.load(std::memory_order_relaxed)) siglongjmp(g_way_out, 1);
}

TEST(ThreadEnd, OfACallByAJumpOutOfAHandlerLeavesTheRingUsable) {
  in_child([] {
    Client log = open("null:").value();
    METLOG_INFO(log, "first");
    struct sigaction action {};
    action.sa_handler = &jump_out;
    sigaction(SIGALRM, &action, nullptr);
    const itimerval every{{0, 50}, {0, 50}};
    setitimer(ITIMER_REAL, &every, nullptr);
    static std::atomic<std::uint64_t> calls{1};
    static int jumps = 0;
    while (true) {
      if (sigsetjmp(g_way_out, 1) != 0 && ++jumps == 300) break;
      g_may_jump.store(true, std::memory_order_relaxed);
      for (int i = 0; i < 1'000; ++i) {
        METLOG_INFO(log, "line {} {}", i, 1.5);
        calls.fetch_add(1, std::memory_order_relaxed);
      }
      g_may_jump.store(false, std::memory_order_relaxed);
    }
    g_may_jump.store(false, std::memory_order_relaxed);
    const itimerval none{};
    setitimer(ITIMER_REAL, &none, nullptr);
    EXPECT_TRUE(log.flush(seconds(30)));
    const Ledger before = log.stats();
    METLOG_INFO(log, "last");
    EXPECT_TRUE(log.flush(seconds(30)));
    EXPECT_EQ(log.stats().sent, before.sent + 1) << "the next record arrives";
    log.close(seconds(30));
    const Ledger ledger = log.stats();
    EXPECT_GE(ledger.emitted + 300, calls.load() + 1);
    EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
  });
}

}  // namespace
}  // namespace metlog
