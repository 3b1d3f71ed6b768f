// Alternate stacks for fatal signals: who gets one, and when it goes.

#include "metlog/internal/base/alternate_stack.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace metlog {
namespace {

stack_t present_stack() {
  stack_t present{};
  sigaltstack(nullptr, &present);
  return present;
}

std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) ++count;
  return count;
}

TEST(AlternateStack, IsGivenOnceAndGoesWithTheThread) {
  AlternateStack::want();
  std::thread([] {
    AlternateStack::give_to_thread();
    const stack_t given = present_stack();
    EXPECT_EQ(given.ss_flags, 0);
    EXPECT_GE(given.ss_size, std::size_t{64} << 10);
    AlternateStack::give_to_thread();
    EXPECT_EQ(present_stack().ss_sp, given.ss_sp);
    AlternateStack::take_from_thread();
    EXPECT_EQ(present_stack().ss_flags, SS_DISABLE);
    AlternateStack::take_from_thread();
  }).join();
}

TEST(AlternateStack, LeavesTheOneThatTheProgramHasInstalled) {
  AlternateStack::want();
  std::thread([] {
    std::vector<char> memory(64 << 10);
    stack_t own{};
    own.ss_sp = memory.data();
    own.ss_size = memory.size();
    ASSERT_EQ(sigaltstack(&own, nullptr), 0);
    {
      const AlternateStack stack;
      EXPECT_EQ(present_stack().ss_sp, memory.data());
    }
    EXPECT_EQ(present_stack().ss_sp, memory.data());
    // Replaces ours, which goes all the same.
    own.ss_flags = SS_DISABLE;
    ASSERT_EQ(sigaltstack(&own, nullptr), 0);
    {
      const AlternateStack stack;
      own.ss_flags = 0;
      ASSERT_EQ(sigaltstack(&own, nullptr), 0);
    }
    EXPECT_EQ(present_stack().ss_sp, memory.data());
    own.ss_flags = SS_DISABLE;
    sigaltstack(&own, nullptr);
  }).join();
}

TEST(AlternateStack, OfAThousandThreadsLeaveNothingBehind) {
  AlternateStack::want();
  const auto run = [] { std::thread([] { const AlternateStack stack; }).join(); };
  run();
  const std::size_t before = mappings();
  for (int i = 0; i < 1000; ++i) run();
  EXPECT_LT(mappings(), before + 10);
}

}  // namespace
}  // namespace metlog
