// What a process that died has left: it is found, delivered once, and gone from shared memory.

#include "metlog/internal/recovery/recovery.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/session/session.h"
#include "tests/recovery/recovered.h"
#include "tests/support/sanitized.h"
#include "tests/support/small_file_system.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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

class RecoveredFormats : public Recovered, public testing::WithParamInterface<const char*> {};

TEST_P(RecoveredFormats, AreThoseThatTheProgramWrote) {
  constexpr int kCount = 501;
  run("kill", kCount, "file:" + log() + "?" + GetParam());
  const RecoveryReport report = recover();
  EXPECT_EQ(report.sent, report.found());
  EXPECT_EQ(report.lost + report.left + report.undecodable, 0U);
  EXPECT_TRUE(is_clean());
  std::vector<std::string> all = lines();
  ASSERT_THAT(all, SizeIs(kCount + 1));
  EXPECT_THAT(all.back(), HasSubstr("died"));
  all.pop_back();
  // All lines are as the first one, which the program may have written itself.
  const auto shape_of = [](std::string line, int number) {
    const std::string text = "line " + std::to_string(number);
    const std::size_t at = line.find(text);
    if (at == std::string::npos) return "no " + text + " in " + line;
    line.replace(at, text.size(), "TEXT");
    for (char& letter : line) {
      if (letter >= '0' && letter <= '9') letter = '0';
    }
    return line;
  };
  EXPECT_THAT(all[0], HasSubstr("dying_program"));
  const bool is_old_syslog = std::string(GetParam()).find("rfc=3164") != std::string::npos;
  const char* const place = is_old_syslog ? "]: TEXT" : "dying_program.cc";
  for (int i = 0; i < kCount; ++i) {
    const std::string shape = shape_of(all[static_cast<std::size_t>(i)], i);
    EXPECT_THAT(shape, HasSubstr("TEXT"));
    EXPECT_THAT(shape, HasSubstr(place)) << "the call site, but for RFC 3164";
    EXPECT_EQ(shape.find('{') == 0, all[0].find('{') == 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, RecoveredFormats,
    testing::Values("format=pattern&time=utc&pattern=%25T.%25f%20%25s:%25%23%20%25t%20%25v",
                    "format=logfmt", "format=ecs", "format=gelf", "format=otel",
                    "format=syslog&facility=local2&sd_id=shop@1", "format=syslog&rfc=3164",
                    "add=file,thread,level", "format=text&add=file"));

INSTANTIATE_TEST_SUITE_P(Ways, RecoveredWays,
                         testing::Values("abort", "segv", "terminate", "_exit", "kill"));

class RecoveredChildren : public Recovered, public testing::WithParamInterface<const char*> {};

TEST_P(RecoveredChildren, DeliversWhatTheChildHasLogged) {
  if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
  run(GetParam(), 1001);
  // The parent of a daemon does not wait for it.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::vector<std::string> found;
  do {
    for (const RecoveryReport& report : open()->recover_all()) EXPECT_EQ(report.left, 0U);
    found = payloads();
  } while ((found.size() < 1002 || !is_clean()) && std::chrono::steady_clock::now() < deadline);
  EXPECT_TRUE(is_clean());
  EXPECT_EQ(std::count(found.begin(), found.end(), "parent"), 1);
  std::erase(found, "parent");
  ASSERT_THAT(found, SizeIs(1001));
  for (int i = 0; i < 1001; ++i)
    ASSERT_EQ(found[static_cast<std::size_t>(i)], "line " + std::to_string(i));
}

INSTANTIATE_TEST_SUITE_P(Ways, RecoveredChildren,
                         testing::Values("child:_exit", "child:kill", "child:abort",
                                         "child:quick_exit", "daemon:_exit", "daemon:kill"));

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
  std::uint64_t left = 0;
  for (int i = 0; i < 2; ++i) {
    const RecoveryReport report = recover();
    ASSERT_THAT(report.clients, testing::SizeIs(1));
    // On a busy machine the program had the time to give some up before it was killed.
    EXPECT_EQ(report.left + report.clients[0].lost.total(), 30U);
    EXPECT_EQ(report.sent + report.lost, 0U);
    EXPECT_FALSE(report.is_removed);
    left = report.left;
  }
  EXPECT_GT(left, 0U);
  EXPECT_EQ(recover("file:" + log()).sent, left);
  EXPECT_TRUE(is_clean());
}

TEST_F(Recovered, TellsLossesThatItsDestinationHadNotHeardOf) {
  run("undelivered", 50, "tcp://127.0.0.1:9?hold_ms=1");  // nobody listens
  const std::string out = files_.file("out.jsonl");
  for (const std::string& to : {std::string("file:") + files_.file("gone/log"), "file:" + out}) {
    const RecoveryReport report = recover(to);
    ASSERT_THAT(report.clients, SizeIs(1));
    const DeadClient& client = report.clients[0];
    EXPECT_EQ(client.emitted, 50U);
    EXPECT_EQ(client.lost[LossReason::kNoReceiver], 50U);
    EXPECT_EQ(client.in_flight, 0);
    EXPECT_EQ(client.unexplained, 0);
  }
  std::uint64_t told = 0;
  for (const std::string& line : lines_of(content_of(out))) {
    if (is_loss(line) && loss_reason(line) == "no_receiver") told += loss_count(line);
  }
  EXPECT_EQ(told, 50U);
  EXPECT_TRUE(is_clean());
}

TEST_F(Recovered, StaysWhileTheDiskIsFull) {
  const SmallFileSystem small(files_.path() / "small", "size=16k");
  if (!small.is_mounted()) GTEST_SKIP() << "only root may mount a file system";
  run("kill", 500, "tcp://127.0.0.1:9?hold_ms=60000");
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
  while (!fs::exists(log()) || fs::file_size(log()) == 0) ::usleep(1000);
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
  ASSERT_THAT(report->clients, SizeIs(1));
  const DeadClient& client = report->clients[0];
  EXPECT_EQ(client.emitted, 40U);
  EXPECT_EQ(client.delivered, before);
  EXPECT_EQ(client.thrown_away, report->lost);
  EXPECT_EQ(client.lost.total() + client.recovered, 0U);
  EXPECT_EQ(client.unexplained, 0);
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(lines(), SizeIs(before));
}

TEST_F(Recovered, RefusesADirectoryInWhichOthersMayWrite) {
  fs::permissions(sessions_.path(), fs::perms::all);
  EXPECT_TRUE(absl::IsPermissionDenied(Recovery::open(sessions_.path().string(), {}).status()));
  EXPECT_TRUE(absl::IsNotFound(Recovery::open(files_.file("none"), {}).status()));
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

}  // namespace
}  // namespace metlog
