// P3: after a thread's first call, no call allocates, and none enters the kernel. Where calls wake
// a flusher that sleeps while a ring fills, they enter it for that; and before the ring's first lap
// is over, for its memory. Mappings are made by system calls, so they are caught, too.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "metlog/value.h"
#include "tests/hot_path/allocation_count.h"
#include "tests/hot_path/system_call_trap.h"

namespace metlog {
namespace {

constexpr int kCalls = 100'000;
constexpr int kFirstLap = 4'096;  // cells of a ring

struct Seen {
  std::uint64_t allocations = 0;
  int system_call = -1;
  bool trap_supported = true;
};

// Runs `prepare` and then `calls` on a thread of their own, the latter watched.
template <class Prepare, class Calls>
Seen watch(Prepare prepare, Calls calls) {
  Seen seen;
  std::thread([&] {
    prepare();
    SystemCallTrap trap;
    seen.trap_supported = trap.is_supported();
    const std::uint64_t allocations_before = allocation_count();
    if (trap.is_supported()) trap.arm();
    calls();
    if (trap.is_supported()) seen.system_call = trap.disarm();
    seen.allocations = allocation_count() - allocations_before;
  }).join();
  return seen;
}

// The hot path: every kind of call, admitted, sampled and disabled.
void call_all(Client& log, int number, const std::string& long_text) {
  METLOG_INFO(log, "request id={} latency={} user={}", number, 0.25 * number, "a name");
  METLOG_WARN(log, "no arguments");
  METLOG_ERROR(log, "several cells: {}", long_text);
  METLOG_INFO(log, "fields", kv("table", "orders"), kv("ms", 41.5));
  METLOG_INFO(log, "disabled {}", number, kv("text", std::string_view(long_text)));
  METLOG_DEBUG(log, "disabled {}", number);
  METLOG_INCR(log, "orders");
  METLOG_INCR(log, "bytes", number, rate(0.01));
  { METLOG_TIMER(log, "db.query", kv("number", number)); }
  METLOG_EVENT(log, "services", payload("foo"), kv("userid", number), kv("req_time", 4.2));
}

void call_functions(Client& log, const ValueMap& cart) {
  log.info("a plain text");
  log.debug("disabled");
  log.incr("orders", 2);
  log.metlog("services", {.fields = {{"userid", 25}, {"name", "somebody"}}}, "foo");
  log.metlog("order", {.fields = {{"cart", cart}}}, cart);
  log.timer_send("db.query", 1.5);
}

Engine::Parts parts_with(Engine::Threads threads, bool wake_when_filling) {
  Engine::Parts parts;
  parts.threads = threads;
  parts.options.wake_when_filling = wake_when_filling;
  return parts;
}

Client open_null(Engine& engine) {
  ClientOptions options;
  options.min_severity = Severity::kInfo;
  return *engine.open("null:", options);
}

void expect_conservation(Client& log) {
  ASSERT_TRUE(log.flush(std::chrono::seconds(30)));
  const Ledger ledger = log.stats();
  EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
  EXPECT_GT(ledger.emitted, 0u);
}

class HotPath : public testing::TestWithParam<Engine::Threads> {
 protected:
  static Seen watch_calls(Client& log, int unwatched,
                          const std::function<void(Client&, int)>& calls) {
    const auto prepare = [&] {
      for (int i = 0; i < unwatched; ++i) METLOG_INFO(log, "one of the thread's first calls");
    };
    return watch(prepare, [&] {
      for (int i = 0; i < kCalls; ++i) calls(log, i);
    });
  }
  void expect_untouched(const std::function<void(Client&, int)>& calls) {
    Engine engine(parts_with(GetParam(), false));
    Client log = open_null(engine);
    const Seen seen = watch_calls(log, 1, calls);
    if (!seen.trap_supported) GTEST_SKIP() << "the kernel has no syscall user dispatch";
    EXPECT_EQ(seen.allocations, 0u);
    EXPECT_EQ(seen.system_call, -1);
    expect_conservation(log);
    if (GetParam() == Engine::Threads::kNone) {
      EXPECT_GT(log.stats().lost[LossReason::kRingFull], std::uint64_t{kCalls});
    }
  }
};

TEST_P(HotPath, OfTheMacrosNeitherAllocatesNorEntersTheKernel) {
  const std::string long_text(300, 'x');
  expect_untouched([&](Client& log, int i) { call_all(log, i, long_text); });
}

TEST_P(HotPath, OfTheFunctionsNeitherAllocatesNorEntersTheKernel) {
  const ValueMap cart = {{"items", ValueList{1, 2.5, "a text", ValueMap{{"key", nullptr}}}}};
  expect_untouched([&](Client& log, int) { call_functions(log, cart); });
}

TEST_P(HotPath, EntersTheKernelOnlyToWakeTheFlusher) {
  Engine engine(parts_with(GetParam(), true));
  Client log = open_null(engine);
  const std::string long_text(300, 'x');
  const Seen seen =
      watch_calls(log, kFirstLap, [&](Client& each, int i) { call_all(each, i, long_text); });
  if (!seen.trap_supported) GTEST_SKIP() << "the kernel has no syscall user dispatch";
  EXPECT_EQ(seen.allocations, 0u);
  EXPECT_TRUE(seen.system_call == -1 || seen.system_call == SYS_futex) << seen.system_call;
  expect_conservation(log);
}

INSTANTIATE_TEST_SUITE_P(, HotPath, testing::Values(Engine::Threads::kOwn, Engine::Threads::kNone),
                         [](const auto& row) {
                           return row.param == Engine::Threads::kOwn ? "BesideAFlusher"
                                                                     : "InAFullRing";
                         });

TEST(SystemCallTrap, SeesACallIntoTheKernel) {
  const Seen seen = watch([] {}, [] { getppid(); });
  if (!seen.trap_supported) GTEST_SKIP() << "the kernel has no syscall user dispatch";
  EXPECT_NE(seen.system_call, -1);
}

// Keeps the compiler from leaving an allocation out.
void* volatile g_seen_by_all = nullptr;

void release(void* memory) {
  g_seen_by_all = memory;
  std::free(g_seen_by_all);
}

TEST(AllocationCount, SeesEveryKindOfAllocation) {
  const Seen seen = watch([] {},
                          [] {
                            release(std::malloc(8));
                            release(std::calloc(8, 8));
                            release(std::realloc(nullptr, 8));
                            release(std::aligned_alloc(64, 64));
                            void* aligned = nullptr;
                            if (posix_memalign(&aligned, 64, 64) == 0) release(aligned);
                            ::operator delete(::operator new(8));
                          });
  EXPECT_EQ(seen.allocations, 6u);
}

}  // namespace
}  // namespace metlog
