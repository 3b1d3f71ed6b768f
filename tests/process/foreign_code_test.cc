// Every public call from every place where metlog runs the program's code: each returns, and the
// books balance. foreign_code_program makes the calls; one process for each place.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace metlog {
namespace {

class ForeignCode : public testing::TestWithParam<const char*> {};

TEST_P(ForeignCode, MayMakeEveryPublicCall) {
  const std::string command =
      std::string("exec timeout -k 1 120 " METLOG_FOREIGN_CODE_PROGRAM " ") + GetParam();
  FILE* const program = popen(command.c_str(), "r");
  ASSERT_NE(program, nullptr);
  std::string said;
  std::array<char, 256> line;
  while (std::fgets(line.data(), line.size(), program) != nullptr) said += line.data();
  EXPECT_EQ(pclose(program), 0) << said;
  EXPECT_EQ(said, "");
}

INSTANTIATE_TEST_SUITE_P(
    Places, ForeignCode,
    testing::Values("filter", "filters_end", "formatter", "sender", "factory", "reduce",
                    "allocator", "flushers_allocator", "configuring_allocator", "holders_allocator",
                    // It waits for another thread, which makes the call.
                    "filter_and_thread", "filters_end_and_thread", "formatter_and_thread",
                    "sender_and_thread", "factory_and_thread", "reduce_and_thread",
                    "flushers_allocator_and_thread",
                    // Two threads are inside it, and one of them makes the call.
                    "allocators_mutex"),
    [](const auto& place) { return std::string(place.param); });

}  // namespace
}  // namespace metlog
