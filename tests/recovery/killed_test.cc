// A process that is killed at any moment, and a recovery that is: what has returned arrives once.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>

#include "tests/recovery/recovered.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

TEST_F(Recovered, MayDieAtEverySystemCall) {
  run("kill", 300);
  const TempDir before;
  const std::string log_before = content_of(log());
  fs::copy(sessions_.path(), before.path(), fs::copy_options::recursive);
  fs::remove_all(session());
  int calls = 0;
  for (bool is_alive = true; is_alive; ++calls) {
    fs::copy(before.path(), sessions_.path(), fs::copy_options::recursive);
    write_content(log(), log_before);
    TracedChild child([this] { open()->recover_all(); });
    for (int i = 0; i < calls && is_alive; ++i) is_alive = child.to_system_call();
    child.kill();
    open()->recover_all();
    expect_all_lines(300);
    ASSERT_TRUE(is_clean()) << "after " << calls << " stops";
    const std::string text = content_of(log());
    ASSERT_EQ(text.find("metlog.death"), text.rfind("metlog.death")) << calls << " stops";
  }
  EXPECT_GT(calls, 100) << "of a recovery that ran to its end";
}

/// The oracle: by thread, the calls that have returned.
std::array<std::uint64_t, 4> counted(const std::string& counters) {
  const std::string bytes = content_of(counters);
  std::array<std::uint64_t, 4> calls{};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    std::memcpy(&calls[i], bytes.data() + i * 64, sizeof calls[i]);
  }
  return calls;
}

class RecoveredStorm : public Recovered {
 protected:
  /// Runs four threads until a random moment. METLOG_LONG_TEST=1 makes more rounds.
  static int rounds(int few, int many) {
    return std::getenv("METLOG_LONG_TEST") != nullptr ? many : few;
  }
  void kill_at_random(unsigned seed) {
    std::mt19937 random(seed);
    write_content(counters_, std::string(4096, '\0'));
    const pid_t child = start("storm", counters_);
    ::usleep(static_cast<useconds_t>(10'000 + random() % 60'000));
    ::kill(child, SIGKILL);
    wait_for(child);
  }
  /// Every call that has returned is in the file once, in the order of its thread.
  void expect_complete(unsigned seed) const {
    const std::array<std::uint64_t, 4> calls = counted(counters_);
    std::array<std::uint64_t, 4> next{};
    constexpr std::string_view kPayload = "\"payload\":\"";
    for (const std::string& line : lines()) {
      ASSERT_TRUE(line.starts_with("{\"type\":") && line.ends_with("}}")) << line;
      if (line.find("\"metlog.death\"") != std::string::npos) continue;
      const std::string payload = line.substr(line.find(kPayload) + kPayload.size());
      unsigned thread = 0;
      unsigned long long number = 0;
      ASSERT_EQ(std::sscanf(payload.c_str(), "t%u %llu", &thread, &number), 2) << line;
      ASSERT_EQ(number, next.at(thread)++) << "thread " << thread << ", seed " << seed;
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_GE(next[i], calls[i]) << "seed " << seed;
      EXPECT_LE(next[i], calls[i] + 1) << "the last call may not have returned; seed " << seed;
    }
    EXPECT_TRUE(is_clean()) << "seed " << seed;
  }
  void start_again() { fs::remove(log()); }

  const std::string counters_ = files_.file("counters");
};

TEST_F(RecoveredStorm, LosesNothingWhenItIsKilledAtAnyMoment) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(20, 200)); ++seed) {
    kill_at_random(seed);
    for (const RecoveryReport& report : open()->recover_all()) {
      EXPECT_EQ(report.sent, report.found()) << "seed " << seed;
    }
    expect_complete(seed);
    start_again();
  }
}

TEST_F(RecoveredStorm, LosesNothingWhenTheRecoveryIsKilledToo) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(10, 100)); ++seed) {
    kill_at_random(seed);
    std::mt19937 random(seed + 1000);
    for (int i = 0; i < 3; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        open()->recover_all();
        ::_exit(0);
      }
      ::usleep(static_cast<useconds_t>(random() % 20'000));
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    open()->recover_all();
    expect_complete(seed);
    start_again();
  }
}

}  // namespace
}  // namespace metlog
