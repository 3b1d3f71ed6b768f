// P3 with a context: no call allocates or enters the kernel, not even the first one after a change.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <thread>

#include "metlog/context.h"
#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "metlog/trace_context.h"
#include "tests/hot_path/allocation_count.h"
#include "tests/hot_path/system_call_trap.h"

namespace metlog {
namespace {

class ContextHotPath : public testing::TestWithParam<WhenFull> {};

TEST_P(ContextHotPath, OfCallsNeitherAllocatesNorEntersTheKernel) {
  Engine::Parts parts;
  parts.threads = Engine::Threads::kNone;   // so the ring fills, too
  parts.options.wake_when_filling = false;  // or calls would get memory for a new ring
  Engine engine(std::move(parts));
  Client log = *engine.open("null:", {.when_full = GetParam(), .grow_limit_bytes = 0});
  std::uint64_t allocations = 0;
  int system_call = -1;
  bool is_supported = true;
  std::thread([&] {
    METLOG_INFO(log, "the thread's first call");
    const ScopedTrace trace(start_trace());
    for (int round = 0; round < 500; ++round) {
      const ScopedContext scope({{"request_id", round}, {"tenant", "shop"}});
      SystemCallTrap trap;
      is_supported &= trap.is_supported();
      const std::uint64_t before = allocation_count();
      if (trap.is_supported()) trap.arm();
      for (int i = 0; i < 10; ++i) METLOG_INFO(log, "{} {}", i, "text", kv("tenant", "own"));
      METLOG_INCR(log, "orders");
      if (trap.is_supported()) system_call = std::max(system_call, trap.disarm());
      allocations += allocation_count() - before;
    }
  }).join();
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(system_call, -1);
  ASSERT_TRUE(log.flush(std::chrono::seconds(30)));
  EXPECT_EQ(log.stats().emitted, 1U + 500 * 11);
  EXPECT_EQ(log.stats().unexplained(), 0);
  EXPECT_GT(log.stats().lost[LossReason::kRingFull], 0U);
  if (!is_supported) GTEST_SKIP() << "the kernel has no syscall user dispatch";
}

INSTANTIATE_TEST_SUITE_P(, ContextHotPath, testing::Values(WhenFull::kDrop, WhenFull::kGrow),
                         [](const auto& row) {
                           return row.param == WhenFull::kDrop ? "Dropping" : "GrowingNoFurther";
                         });

}  // namespace
}  // namespace metlog
