// Programs whose system calls fail as a seed says, with a file as their destination.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "metlog/internal/recovery/recovery.h"
#include "tests/faults/arrivals.h"
#include "tests/faults/oracle.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

constexpr int kCalls = 20'000;
constexpr int kKeep = 500;  // rotated files

class FaultedFile : public testing::Test {
 protected:
  /// Runs the program under a plan; returns its exit status.
  int run(const std::string& plan, const std::string& way, int calls = kCalls) {
    oracle_.reset();
    const std::string command = "METLOG_FAULTS='" + plan + "' METLOG_FAULTS_TRACE=" + trace_ +
                                " LD_PRELOAD=" + METLOG_FAULT_SHIM + " exec timeout 60 " +
                                METLOG_FAULTED_PROGRAM + " 'file:" + log_ + "?hold_ms=300" +
                                options_ + "' " + sessions_.path().string() + " " +
                                file_.file("oracle") + " " + std::to_string(calls) + " " + way +
                                " >" + said_ + " 2>" + said_ + ".err";
    return std::system(command.c_str());
  }
  /// Counts the faults in the trace, by name. Those of ftruncate, which leave half a line, are
  /// counted by that name, too.
  void count_faults() {
    std::ifstream trace(trace_);
    for (std::string line; std::getline(trace, line);) {
      ++faults_[line.substr(line.rfind(' ') + 1)];
      if (line.starts_with("ftruncate") && line.ends_with("EIO")) ++faults_["ftruncate"];
    }
  }
  void start_again() {
    for (const std::string& file : {log_, trace_}) fs::remove(file);
    // A rename that failed has left a gap.
    for (int number = 1; number <= kKeep; ++number) fs::remove(log_ + "." + std::to_string(number));
    ASSERT_TRUE(fs::is_empty(sessions_.path()));
  }

  const TempDir sessions_{"/dev/shm"};
  const TempDir file_;
  const std::string log_ = file_.file("log.jsonl");
  const std::string trace_ = file_.file("trace");
  const std::string said_ = file_.file("said");
  std::string options_;  // of the file's URL
  Oracle oracle_{file_.file("oracle")};
  std::map<std::string, int> faults_;
};

TEST_F(FaultedFile, AccountsForEveryCall) {
  std::uint64_t losses = 0;
  int cuts = 0;
  for (int seed = 1; seed <= 24; ++seed) {
    // The last batches find a file that works, so what was lost before is told.
    const int status = run("seed=" + std::to_string(seed) +
                               " on=log.jsonl first=900 writev%6:EINTR writev%6:SHORT writev%2:EIO "
                               "writev%4:ENOSPC writev%1:EAGAIN writev%1:DELAY ftruncate%30:EIO",
                           "close");
    ASSERT_EQ(status, 0) << "seed " << seed << "\n" << content_of(said_ + ".err");
    count_faults();
    const std::string text = content_of(log_);
    const Arrivals arrivals(text);
    EXPECT_EQ(arrivals.counted_fault(oracle_), "") << "seed " << seed;
    std::array<std::uint64_t, 5> said{};  // emitted, sent, lost; and of the receipt sent, lost
    std::istringstream numbers(content_of(said_));
    for (std::uint64_t& number : said) numbers >> number;
    EXPECT_THAT(said, testing::ElementsAre(kCalls, arrivals.calls(), arrivals.losses(),
                                           arrivals.calls(), arrivals.losses()))
        << "seed " << seed;
    losses += arrivals.losses();
    cuts += static_cast<int>(arrivals.cuts());
    ASSERT_FALSE(HasFailure());
    ASSERT_NO_FATAL_FAILURE(start_again());
  }
  EXPECT_GT(losses, 0U);
  EXPECT_LE(cuts, faults_["ftruncate"]);
  for (const char* fault : {"EINTR", "SHORT", "EIO", "ENOSPC", "EAGAIN", "DELAY"}) {
    EXPECT_GT(faults_[fault], 10) << fault;
  }
}

TEST_F(FaultedFile, LosesNothingThatAnErrorOnlyDelaysBeforeAKill) {
  for (int seed = 1; seed <= 24; ++seed) {
    const int status = run("seed=" + std::to_string(seed) +
                               " on=log.jsonl writev%8:EINTR writev%10:SHORT writev%6:ENOSPC "
                               "writev%2:EAGAIN ftruncate%30:EIO",
                           "kill");
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 128 + SIGKILL) << status;
    count_faults();
    const auto recovery = Recovery::open(sessions_.path().string(), {});
    ASSERT_TRUE(recovery.ok());
    for (const RecoveryReport& report : (*recovery)->recover_all()) {
      EXPECT_EQ(report.left + report.lost + report.undecodable + report.refused, 0U);
      EXPECT_THAT(report.complaints, testing::IsEmpty());
    }
    EXPECT_EQ(Arrivals(content_of(log_)).fault(oracle_), "") << "seed " << seed;
    ASSERT_FALSE(HasFailure());
    ASSERT_NO_FATAL_FAILURE(start_again());
  }
  for (const char* fault : {"EINTR", "SHORT", "ENOSPC", "EAGAIN"}) {
    EXPECT_GT(faults_[fault], 10) << fault;
  }
}

// Files that can be renamed only sometimes, or for a while not at all.
TEST_F(FaultedFile, AccountsForEveryCallWhileItsFileIsRotated) {
  options_ = "&rotate_size=16K&rotate_keep=" + std::to_string(kKeep);
  int rotated = 0;
  for (int seed = 1; seed <= 12; ++seed) {
    const int status = run("seed=" + std::to_string(seed) +
                               " on=log.jsonl first=900 writev%6:EINTR writev%6:SHORT writev%2:EIO "
                               "writev%4:ENOSPC rename#200:EIO open#41:ENOSPC open#61:ENOSPC "
                               "ftruncate%30:EIO",
                           seed % 2 == 0 ? "close" : "kill");
    ASSERT_TRUE(status == 0 || seed % 2 == 1) << seed << "\n" << content_of(said_ + ".err");
    count_faults();
    if (seed % 2 == 1) {
      const auto recovery = Recovery::open(sessions_.path().string(), {});
      ASSERT_TRUE(recovery.ok());
      (*recovery)->recover_all();
    }
    std::string text;
    for (int number = kKeep; number > 0; --number) {
      const std::string name = log_ + "." + std::to_string(number);
      if (!fs::exists(name)) continue;
      ++rotated;
      text += content_of(name);
    }
    text += content_of(log_);
    EXPECT_EQ(Arrivals(text).counted_fault(oracle_), "") << "seed " << seed;
    ASSERT_FALSE(HasFailure());
    ASSERT_NO_FATAL_FAILURE(start_again());
  }
  EXPECT_GT(rotated, 100) << "void: too few rotations";
  for (const char* fault : {"EINTR", "SHORT", "EIO", "ENOSPC"})
    EXPECT_GT(faults_[fault], 5) << fault;
}

// Rings and batches are then in anonymous memory, and nothing else changes.
TEST_F(FaultedFile, GoesOnWhereTheFilesOfItsSessionAreRefused) {
  for (const char* const files :
       {".ring", ".batch", "session", "dict", "clients", "/dev/shm/metlog-"}) {
    for (int seed = 1; seed <= 3; ++seed) {
      const int status =
          run("seed=" + std::to_string(seed) + " on=" + files +
                  " open%30:EMFILE ftruncate%30:ENOSPC fallocate%30:ENOSPC mmap%30:ENOMEM "
                  "write%30:SHORT write%30:ENOSPC rename%30:EIO",
              "close", 3000);
      ASSERT_EQ(status, 0) << files << ", seed " << seed << "\n" << content_of(said_ + ".err");
      count_faults();
      EXPECT_EQ(Arrivals(content_of(log_)).fault(oracle_), "") << files << ", seed " << seed;
      ASSERT_FALSE(HasFailure());
      ASSERT_NO_FATAL_FAILURE(start_again());
    }
  }
  for (const char* fault : {"EMFILE", "ENOSPC", "ENOMEM"}) EXPECT_GT(faults_[fault], 1) << fault;
}

TEST_F(FaultedFile, IsRefusedByAStatusWhereItCannotBeOpened) {
  const int status = run("on=log.jsonl open#1:EMFILE", "close", 1);
  EXPECT_EQ(WEXITSTATUS(status), 3) << status;
  EXPECT_THAT(content_of(said_ + ".err"), testing::HasSubstr("Too many open files"));
}

}  // namespace
}  // namespace metlog
