// What a process that died has left: it is found, delivered once, and gone from shared memory.

#include "metlog/internal/recovery/recovery.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/session/session.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"
#include "tests/support/small_file_system.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A directory of sessions, the file that a dying program logs to, and its counters.
class Recovered : public testing::Test {
 protected:
  [[nodiscard]] pid_t start(const std::string& way, const std::string& last,
                            const std::string& url = {}) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const std::string to = url.empty() ? "file:" + log() : url;
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(9);
    ::execl(METLOG_DYING_PROGRAM, METLOG_DYING_PROGRAM, way.c_str(), to.c_str(),
            sessions_.path().c_str(), last.c_str(), nullptr);
    ::_exit(9);
  }
  static int wait_for(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 9) << "the program did not start";
    return status;
  }
  void run(const std::string& way, int count, const std::string& url = {}) const {
    wait_for(start(way, std::to_string(count), url));
  }

  [[nodiscard]] std::unique_ptr<Recovery> open(const std::string& to = {}) const {
    Recovery::Options options;
    options.to = to;
    absl::StatusOr<std::unique_ptr<Recovery>> recovery =
        Recovery::open(sessions_.path().string(), options);
    EXPECT_TRUE(recovery.ok()) << recovery.status();
    return *std::move(recovery);
  }
  [[nodiscard]] RecoveryReport recover(const std::string& to = {}) const {
    const std::vector<RecoveryReport> reports = open(to)->recover_all();
    EXPECT_THAT(reports, SizeIs(1));
    return reports.empty() ? RecoveryReport{} : reports.front();
  }
  [[nodiscard]] bool is_clean() const { return fs::is_empty(sessions_.path()); }
  [[nodiscard]] fs::path session() const { return *fs::directory_iterator(sessions_.path()); }

  [[nodiscard]] std::string log() const { return files_.file("log.jsonl"); }
  [[nodiscard]] std::vector<std::string> lines() const { return lines_of(content_of(log())); }
  /// The payloads of calls, in the order of the file.
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> found;
    for (const std::string& line : lines()) {
      expect_is_envelope(line);
      if (line.find("\"metlog.death\"") == std::string::npos) found.push_back(payload_of(line));
    }
    return found;
  }
  void expect_all_lines(int count) const {
    const std::vector<std::string> found = payloads();
    ASSERT_THAT(found, SizeIs(count));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(found[static_cast<std::size_t>(i)], "line " + std::to_string(i));
    }
  }

  const TempDir sessions_{"/dev/shm"};
  const TempDir files_;
};

class RecoveredWays : public Recovered, public testing::WithParamInterface<const char*> {};

TEST_P(RecoveredWays, DeliversEveryCallThatHasReturned) {
  run(GetParam(), 1001);
  const RecoveryReport report = recover();
  EXPECT_EQ(report.sent, report.found());
  EXPECT_EQ(report.lost + report.left + report.undecodable, 0U);
  EXPECT_THAT(report.complaints, IsEmpty());
  EXPECT_EQ(report.app, "dying_program");
  expect_all_lines(1001);
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(lines().back(), HasSubstr("\"metlog.death\""));
  EXPECT_THAT(lines()[999], HasSubstr("\"request\":7")) << "the context of its thread";
}

INSTANTIATE_TEST_SUITE_P(Ways, RecoveredWays,
                         testing::Values("abort", "segv", "terminate", "_exit", "kill"));

TEST_F(Recovered, ReportsADeathOnceWithWhatItLeft) {
  run("kill", 20);
  const RecoveryReport report = recover();
  const std::string death = lines().back();
  EXPECT_EQ(field_of(death, "recovered"), std::to_string(report.found()));
  EXPECT_EQ(field_of(death, "program"), "\"dying_program\"");
  EXPECT_EQ(field_of(death, "pid"), std::to_string(report.pid));
  EXPECT_THAT(open()->recover_all(), IsEmpty());
  EXPECT_THAT(lines(), SizeIs(21));
}

TEST_F(Recovered, GoesToOnePlaceWhenThatIsAskedFor) {
  run("kill", 50, "tcp://127.0.0.1:9");  // nobody listens
  const std::string out = files_.file("out.jsonl");
  const RecoveryReport report = recover("file:" + out);
  EXPECT_EQ(report.sent, 50U);
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(lines_of(content_of(out)), SizeIs(51));
}

TEST_F(Recovered, StaysWhileItsDestinationTakesNothing) {
  const std::string missing = files_.file("gone/log.jsonl");
  fs::create_directory(files_.file("gone"));
  run("kill", 30, "file:" + missing);
  fs::remove_all(files_.file("gone"));
  for (int i = 0; i < 2; ++i) {
    const RecoveryReport report = recover();
    EXPECT_GT(report.left, 0U);
    EXPECT_EQ(report.left, report.found());
    EXPECT_THAT(report.complaints, SizeIs(1));
    EXPECT_FALSE(is_clean());
  }
  const RecoveryReport report = recover("file:" + log());
  EXPECT_EQ(report.left, 0U);
  EXPECT_TRUE(is_clean());
  std::set<std::string> deaths;
  for (const std::string& line : lines()) {
    if (line.find("metlog.death") != std::string::npos) deaths.insert(line);
  }
  EXPECT_THAT(deaths, SizeIs(1)) << "said once, however often it was tried";
}

TEST_F(Recovered, StaysWhileNobodyListens) {
  run("kill", 30, "tcp://127.0.0.1:9?hold_ms=1");
  for (int i = 0; i < 2; ++i) {
    const RecoveryReport report = recover();
    EXPECT_EQ(report.left, 30U);
    EXPECT_EQ(report.sent + report.lost, 0U);
    EXPECT_FALSE(report.is_removed);
  }
  EXPECT_EQ(recover("file:" + log()).sent, 30U);
  EXPECT_TRUE(is_clean());
}

TEST_F(Recovered, StaysWhileTheDiskIsFull) {
  const SmallFileSystem small(files_.path() / "small", "size=16k");
  if (!small.is_mounted()) GTEST_SKIP() << "only root may mount a file system";
  run("kill", 500, "tcp://127.0.0.1:9?hold_ms=1");
  const std::string out = (small.path() / "out.jsonl").string();
  const RecoveryReport report = recover("file:" + out + "?hold_ms=1");
  EXPECT_GT(report.left, 0U);
  EXPECT_EQ(report.sent + report.left, 500U);
  const std::size_t written = lines_of(content_of(out)).size();
  EXPECT_EQ(written, report.sent);
  const RecoveryReport rest = recover("file:" + log());
  EXPECT_EQ(rest.sent, report.left) << "each once";
  EXPECT_TRUE(is_clean());
}

TEST_F(Recovered, LeavesTheLivingAlone) {
  const std::string counters = files_.file("counters");
  write_content(counters, std::string(4096, '\0'));
  const pid_t child = start("storm", counters);
  while (lines().empty()) ::usleep(1000);
  const std::unique_ptr<Recovery> recovery = open();
  EXPECT_THAT(recovery->recover_all(), IsEmpty());
  ASSERT_THAT(recovery->sessions(), SizeIs(1));
  EXPECT_TRUE(absl::IsFailedPrecondition(recovery->recover(recovery->sessions()[0]).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(recovery->purge(recovery->sessions()[0]).status()));
  ::kill(child, SIGKILL);
  wait_for(child);
  EXPECT_TRUE(recover().is_removed);
}

TEST_F(Recovered, IsThrownAwayWhenThatIsAskedFor) {
  run("kill", 40);
  const std::size_t before = lines().size();
  const std::unique_ptr<Recovery> recovery = open();
  const absl::StatusOr<RecoveryReport> report = recovery->purge(recovery->sessions().at(0));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->lost + before, 40U);
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(lines(), SizeIs(before));
}

TEST_F(Recovered, RefusesADirectoryInWhichOthersMayWrite) {
  fs::permissions(sessions_.path(), fs::perms::all);
  EXPECT_TRUE(absl::IsPermissionDenied(Recovery::open(sessions_.path().string(), {}).status()));
  EXPECT_TRUE(absl::IsNotFound(Recovery::open(files_.file("none"), {}).status()));
}

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

/// Overwrites a part of a ring's file.
void damage(const fs::path& ring, std::uint64_t offset, const std::string& bytes) {
  const int fd = ::open(ring.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
            static_cast<ssize_t>(bytes.size()));
  ::close(fd);
}

TEST_F(Recovered, FindsWhatFollowsDamage) {
  run("kill", 1001);
  std::uint64_t drained = 0;
  const fs::path ring = session() / "r000.ring";
  std::memcpy(&drained, content_of(ring).data() + offsetof(RingHeader, positions) + kCellBytes,
              sizeof drained);
  const std::uint64_t at = kRingHeaderBytes + (drained + 10) * kCellBytes;
  damage(ring, at, std::string(64, '\xA5'));
  const RecoveryReport report = recover();
  EXPECT_EQ(report.damaged_cells, drained + 10 < 1001 ? 1U : 0U);
  EXPECT_GE(payloads().size(), 1000U);
  EXPECT_TRUE(is_clean());
}

TEST_F(Recovered, SurvivesRandomDamage) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    run("kill", 200);
    std::mt19937 random(seed);
    for (const auto& file : fs::directory_iterator(session())) {
      const std::uint64_t size = std::min<std::uint64_t>(fs::file_size(file), 40'000);
      for (int i = 0; i < 16 && size != 0; ++i) {
        damage(file.path(), random() % size, std::string(1, static_cast<char>(random())));
      }
    }
    const std::unique_ptr<Recovery> recovery = open("file:" + log());
    for (const std::string& name : recovery->sessions()) {
      const absl::StatusOr<RecoveryReport> report = recovery->recover(name);
      if (report.ok() && report->is_removed) continue;
      fs::remove_all(sessions_.path() / name);
    }
  }
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
