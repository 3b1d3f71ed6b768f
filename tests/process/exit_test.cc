// The end of a process whose clients are not closed: exiting_program ends in the given way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/senders/temp_dir.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What a way of ending leaves.
struct Ended {
  int code = -1;
  std::vector<std::string> lines;  // of the destination
  std::string said;                // on standard error
  bool has_session = false;
  std::chrono::milliseconds took{};

  [[nodiscard]] std::size_t count(const std::string& text) const {
    const auto has = [&](const std::string& line) {
      return line.find("\"payload\":\"" + text) != std::string::npos;
    };
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), has));
  }
  /// The sum of the losses that standard error tells.
  [[nodiscard]] std::uint64_t lost() const {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; (at = said.find(" lost ", at)) != std::string::npos; at += 6) {
      sum += std::stoull(said.substr(at + 6));
    }
    return sum;
  }
};

Ended end_by(const std::string& way) {
  const TempDir directory;
  const std::string file = directory.file("out.jsonl");
  const std::string sessions = directory.file("sessions");
  const std::string said = directory.file("said");
  Ended ended;
  const auto begin = std::chrono::steady_clock::now();
  const std::string command = "exec timeout -k 1 30 " METLOG_EXITING_PROGRAM " " + way + " " +
                              file + " " + sessions + " 2>" + said;
  const int status = std::system(command.c_str());
  ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) ended.lines.push_back(line);
  ended.said = content_of(said);
  ended.has_session = std::filesystem::exists(sessions) && !std::filesystem::is_empty(sessions);
  return ended;
}

struct Way {
  const char* name;
  int code;
  std::size_t lines;
};

/// Ways in which nothing may be lost.
class Exit : public testing::TestWithParam<Way> {};

TEST_P(Exit, DrainsEveryClientThatLives) {
  const Way& way = GetParam();
  const bool forks = std::string_view(way.name).find("child") != std::string_view::npos;
  if (kSanitizer && forks) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
  const Ended ended = end_by(way.name);
  EXPECT_EQ(ended.code, way.code);
  EXPECT_EQ(ended.count("line "), way.lines);
  EXPECT_EQ(ended.lines.size(), way.lines) << "and no message about losses";
  EXPECT_THAT(ended.said, IsEmpty());
  EXPECT_FALSE(ended.has_session);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, Exit,
    testing::Values(Way{"stack", 1, 1001},
                    // A destructor and a destructor function log, too.
                    Way{"heap", 0, 1001 + 2}, Way{"static", 0, 1001}, Way{"holder", 0, 1001 + 2},
                    Way{"ten_clients", 2, 1000},
                    // Two handlers and a thread's destructor.
                    Way{"handlers", 0, 997 + 2 + 1 + 2}, Way{"child", 0, 1 + 1000 + 2},
                    Way{"silent_child", 0, 1001}, Way{"pthread_exit", 0, 1001},
                    Way{"pthread_exit_named", 0, 1001}, Way{"quick", 8, 1001},
                    Way{"quick_child", 0, 1001},
                    // Two objects, two keys; a destructor and a destructor function at exit.
                    Way{"thread_locals", 0, 1001 + 4 + 2},
                    Way{"thread_locals_at_exit", 0, 1001 + 1 + 2},
                    Way{"asking_sender", 0, 1001 + 2}),
    [](const auto& way) { return std::string(way.param.name); });

TEST(ExitInAThread, EndsInTimeWhileOthersLogAndTellsWhatIsLost) {
  const Ended ended = end_by("thread");
  EXPECT_EQ(ended.code, 3);
  EXPECT_EQ(ended.count("line 1000\""), 1U);
  EXPECT_EQ(ended.count("line 0\""), 1U);
  EXPECT_LT(ended.took, std::chrono::seconds(15));
  EXPECT_FALSE(ended.has_session);
}

TEST(ExitInAFilter, DrainsTheOtherClientsAndTellsWhatItsOwnLost) {
  const Ended ended = end_by("filter");
  EXPECT_EQ(ended.code, 4);
  EXPECT_EQ(ended.count("line "), 600U + 10U);
  EXPECT_EQ(ended.count("line ") + ended.lost(), 1001U + 10U);
  EXPECT_THAT(ended.said, HasSubstr("expired 401"));
  EXPECT_FALSE(ended.has_session);
}

TEST(ExitInASender, DrainsTheOtherClientsAndTellsWhatItsOwnLost) {
  const Ended ended = end_by("sender");
  EXPECT_EQ(ended.code, 5);
  EXPECT_EQ(ended.count("line "), 10U);
  EXPECT_EQ(ended.lost(), 1U);
  EXPECT_FALSE(ended.has_session);
}

TEST(ExitWithABusyDestination, TakesTheCloseLimitAndTellsWhatIsLost) {
  for (const char* const way : {"busy", "quick_busy"}) {
    const Ended ended = end_by(way);
    EXPECT_EQ(ended.code, 6);
    EXPECT_EQ(ended.lost(), 12U);
    EXPECT_THAT(ended.said, HasSubstr("'stuck' of busy:"));
    EXPECT_LT(ended.took, std::chrono::seconds(10));
    EXPECT_FALSE(ended.has_session);
  }
}

TEST(ExitWithAHangingFilter, TakesTheCloseLimitAndTellsWhatIsLost) {
  const Ended ended = end_by("hanging_filter");
  EXPECT_EQ(ended.code, 7);
  EXPECT_EQ(ended.lost(), 12U);
  EXPECT_LT(ended.took, std::chrono::seconds(10));
  EXPECT_FALSE(ended.has_session);
}

}  // namespace
}  // namespace metlog
