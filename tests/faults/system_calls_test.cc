// A program that is killed at its system calls, from its start to its orderly end: before or after
// every third; with METLOG_LONG_TEST=1 before and after each.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "metlog/internal/recovery/recovery.h"
#include "metlog/metlog.h"
#include "tests/faults/arrivals.h"
#include "tests/faults/oracle.h"
#include "tests/faults/stepped_program.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

class KilledAtEachSystemCall : public testing::Test {
 protected:
  void SetUp() override { fs::current_path(place_.path()); }
  void TearDown() override { fs::current_path(before_); }

  /// Runs the program again and again, to one system call more each time, and recovers what it has
  /// left. From its start, or from where it raises SIGTRAP.
  void kill(const std::function<void()>& program, bool from_trap) {
    bool is_alive = true;
    for (calls_ = 0; is_alive; calls_ += std::getenv("METLOG_LONG_TEST") != nullptr ? 1 : 3) {
      for (const auto& entry : fs::directory_iterator(place_.path())) fs::remove_all(entry.path());
      oracle_.reset();
      std::fflush(stdout);  // or the child's exit() would write it, too
      TracedChild child(program);
      if (from_trap) {
        ASSERT_TRUE(child.to_trap());
      }
      for (int i = 0; i < calls_ && is_alive; ++i) is_alive = child.to_system_call();
      if (!is_alive) {
        ASSERT_TRUE(child.has_returned());
      }
      child.kill();
      ASSERT_NO_FATAL_FAILURE(check());
    }
  }

  /// Recovers what is left, and judges what has arrived.
  void check() {
    std::uint64_t refused = 0;
    const fs::path sessions = place_.path() / "sessions";
    if (const auto recovery = Recovery::open(sessions, {}); recovery.ok()) {
      for (const RecoveryReport& report : (*recovery)->recover_all()) {
        EXPECT_EQ(report.left + report.lost + report.undecodable + report.damaged_cells, 0U);
        EXPECT_THAT(report.complaints, testing::IsEmpty());
        refused += report.refused;
      }
      EXPECT_TRUE(fs::is_empty(sessions)) << *fs::directory_iterator(sessions);
    }
    const Arrivals arrivals(content_of(place_.file("log.jsonl")));
    const std::uint64_t reported = arrivals.losses();
    EXPECT_EQ(arrivals.fault(oracle_, refused - std::min(refused, reported)), "");
    EXPECT_LE(arrivals.deaths(), 2U) << "one to each client that has left messages";
    ASSERT_FALSE(HasFailure()) << "killed after " << calls_ << " stops at system calls";
    deaths_ += arrivals.deaths();
    losses_ += reported;
  }

  const OneProcessor one_processor_;
  const fs::path before_ = fs::current_path();
  const TempDir place_{"/dev/shm"};
  Oracle oracle_;
  int calls_ = 0;  // stops, two for each call
  std::uint64_t deaths_ = 0;
  std::uint64_t losses_ = 0;
};

TEST_F(KilledAtEachSystemCall, LosesNothing) {
  kill([this] { SteppedProgram(oracle_, 1, 1).live(); }, false);
  EXPECT_GT(calls_, 600) << "of a program that ran to its end";
  EXPECT_GT(deaths_, 100U);
  EXPECT_GT(losses_, 0U) << "one that never lost anything says less";
}

// With the engine's own threads, which run meanwhile; the calls of the thread that exits.
TEST_F(KilledAtEachSystemCall, LosesNothingWhileItExits) {
  const auto program = [this] {
    EngineOptions engine;
    engine.session_directory = fs::current_path() / "sessions";
    if (!Engine::configure(engine).ok()) ::_exit(1);
    ClientOptions options;
    options.logger = "lane0";
    // Never closed: that is left to the exit.
    auto* const log = new Client(metlog::open("file:/proc/self/cwd/log.jsonl", options).value());
    for (int i = 0; i < 30; ++i) {
      const std::string payload = keyed_payload(0, oracle_.begin(0));
      METLOG_INFO(*log, "{}", payload);
      oracle_.end(0);
    }
    ::raise(SIGTRAP);
    std::exit(0);
  };
  kill(program, true);
  EXPECT_GT(calls_, 30);
  EXPECT_GT(deaths_, 3U);
}

}  // namespace
}  // namespace metlog
