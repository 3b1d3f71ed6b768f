// What a program with `?id=1` has sent, and what a recovery sends for it, have one numbering.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

void run_until_killed(const std::string& url, const std::string& sessions, int count) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(9);
    ::execl(METLOG_DYING_PROGRAM, METLOG_DYING_PROGRAM, "kill", url.c_str(), sessions.c_str(),
            std::to_string(count).c_str(), nullptr);
    ::_exit(9);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

/// The numbers of the messages in a file, in its order. All have the same session and stream.
std::vector<std::uint64_t> numbers_in(const std::string& path) {
  const std::string key = "\"metlog_id\":\"";
  std::vector<std::uint64_t> numbers;
  std::set<std::string> streams;
  std::istringstream text(content_of(path));
  for (std::string line; std::getline(text, line);) {
    EXPECT_TRUE(is_same_json(line, line)) << line;
    const std::size_t at = line.find(key);
    if (at == std::string::npos || line.find(key, at + 1) != std::string::npos) {
      ADD_FAILURE() << "not one id: " << line;
      continue;
    }
    streams.insert(line.substr(at, line.rfind('-') - at));
    numbers.push_back(std::strtoull(line.c_str() + line.rfind('-') + 1, nullptr, 10));
  }
  EXPECT_LE(streams.size(), 1U);
  return numbers;
}

void expect_one_numbering(const std::string& path, std::size_t count) {
  const std::vector<std::uint64_t> numbers = numbers_in(path);
  ASSERT_EQ(numbers.size(), count);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(numbers[i], i);
}

TEST(RecoveredIds, ContinueThoseOfTheProgram) {
  const TempDir sessions("/dev/shm");
  const TempDir files;
  for (const int count : {1, 20, 1001}) {
    const std::string log = files.file(std::to_string(count));
    run_until_killed("file:" + log + "?id=1", sessions.path(), count);
    const std::vector<RecoveryReport> reports =
        (*Recovery::open(sessions.path().string(), {}))->recover_all();
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_TRUE(reports[0].is_removed);
    expect_one_numbering(log, static_cast<std::size_t>(count) + 1);  // and metlog.death
  }
}

TEST(RecoveredIds, AreGivenToWhatHasNone) {
  const TempDir sessions("/dev/shm");
  const TempDir files;
  run_until_killed("tcp://127.0.0.1:9?hold_ms=1", sessions.path(), 30);
  Recovery::Options options;
  const std::string out = files.file("out");
  options.to = "file:" + out + "?id=1";
  (void)(*Recovery::open(sessions.path().string(), options))->recover_all();
  expect_one_numbering(out, 31);
}

TEST(RecoveredIds, AreTheSameInEveryFileThatTheyGoTo) {
  const TempDir sessions("/dev/shm");
  const TempDir files;
  run_until_killed("tcp://127.0.0.1:9?hold_ms=1&id=1", sessions.path(), 30);
  Recovery::Options options;
  const std::string out = files.file("out");
  options.to = "file:" + out;  // which does not ask for them: the client did
  (void)(*Recovery::open(sessions.path().string(), options))->recover_all();
  expect_one_numbering(out, 31);
}

}  // namespace
}  // namespace metlog
