// The start of a program delivers what processes have left in its session directory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/recovery/program_lives.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StartupRecovered : public ProgramLives {};

TEST_F(StartupRecovered, LosesNothingWhenAServiceCrashesAgainAndAgain) {
  constexpr int kLives = 10;
  for (int life = 0; life < kLives; ++life) run({"kill", "life" + std::to_string(life) + " "});
  run({"serve", "last "});
  const Delivered delivered = delivered_in(log());
  EXPECT_THAT(delivered.lines, SizeIs(kLives + 1));
  for (const auto& [life, lines] : delivered.lines) {
    SCOPED_TRACE(life);
    expect_whole(lines, 200);
  }
  EXPECT_EQ(delivered.deaths, kLives);
  EXPECT_THAT(sessions(), IsEmpty());
  EXPECT_THAT(content_of(errors()), IsEmpty());
}

TEST_F(StartupRecovered, DoesNotCountOnAnEmptyFile) {
  run({"kill", "dead "});
  run({"serve", "next ", 200, "file:" + log() + "?truncate=1"});
  const Delivered delivered = delivered_in(log());
  expect_whole(delivered.lines.at("next "), 200);
  // What had been written before the death is gone, as it always was; the rest is there.
  EXPECT_EQ(delivered.deaths, 1);
}

/// True while the process has the thread that recovers.
bool is_recovering(pid_t process) {
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    if (content_of(task.path() / "comm") == "metlog-recover\n") return true;
  }
  return false;
}

TEST_F(StartupRecovered, HasNoThreadWhenThereIsNothingToDo) {
  const pid_t first = start({"stay", "first "});
  while (content_of(log()).find("line 199") == std::string::npos) ::usleep(1000);
  EXPECT_FALSE(is_recovering(first));
  const pid_t second = start({"stay", "second "});
  while (content_of(log()).find("second line 199") == std::string::npos) ::usleep(1000);
  EXPECT_FALSE(is_recovering(second)) << "the first one lives";
  for (const pid_t child : {first, second}) {
    ::kill(child, SIGTERM);
    wait_for(child);
  }
}

TEST_F(StartupRecovered, LeavesLivingInstancesAlone) {
  const pid_t living = start({"stay", "living "});
  // It has another name, with a dot, until it is whole.
  while (sessions().size() != 1 || sessions().front().front() == '.') ::usleep(1000);
  const std::string its_session = sessions().front();
  run({"kill", "dead ", 200, {}, {}, "none"});
  const pid_t second = start({"stay", "second "});
  while (delivered_in(log()).deaths == 0 || sessions().size() != 2) ::usleep(1000);
  EXPECT_THAT(sessions(), testing::Contains(its_session));
  for (const pid_t child : {living, second}) {
    ::kill(child, SIGTERM);
    wait_for(child);
  }
  const Delivered delivered = delivered_in(log());
  for (const char* const prefix : {"dead ", "living ", "second "}) {
    SCOPED_TRACE(prefix);
    expect_whole(delivered.lines.at(prefix), 200);
  }
  EXPECT_EQ(delivered.deaths, 1);
  EXPECT_THAT(sessions(), IsEmpty());
}

TEST_F(StartupRecovered, DeliversOnceWhenSeveralProgramsStartTogether) {
  for (const char* const prefix : {"a ", "b ", "c "}) run({"kill", prefix, 1000, {}, {}, "none"});
  EXPECT_THAT(sessions(), SizeIs(3));
  std::vector<pid_t> children;
  children.reserve(4);
  for (int i = 0; i < 4; ++i) children.push_back(start({"exit", "short ", 1}));
  for (const pid_t child : children) wait_for(child);
  run({"serve", "last "});
  const Delivered delivered = delivered_in(log());
  for (const char* const prefix : {"a ", "b ", "c "}) {
    SCOPED_TRACE(prefix);
    expect_whole(delivered.lines.at(prefix), 1000);
  }
  EXPECT_THAT(delivered.lines.at("short "), SizeIs(4));
  EXPECT_EQ(delivered.deaths, 3);
}

TEST_F(StartupRecovered, IsStoppedByTheExitAndGoesOnAtTheNextStart) {
  run({"kill", "dead ", 1000});
  for (int i = 0; i < 20; ++i) run({"exit", "short ", 1});
  run({"serve", "last "});
  const Delivered delivered = delivered_in(log());
  expect_whole(delivered.lines.at("dead "), 1000);
  EXPECT_THAT(delivered.lines.at("short "), SizeIs(20));
  EXPECT_EQ(delivered.deaths, 1);
}

TEST_F(StartupRecovered, ObeysTheOperator) {
  const std::string other = named("other_program");
  run({"kill", "dead ", 200, {}, other});
  const std::vector<std::string> before = sessions();
  ASSERT_THAT(before, SizeIs(1));
  for (const char* const recover : {"none", "own", "nonsense"}) {
    run({"exit", "next ", 1, {}, {}, recover});
    EXPECT_EQ(sessions(), before) << recover;
    EXPECT_EQ(delivered_in(log()).deaths, 0) << recover;
  }
  EXPECT_THAT(content_of(errors()), HasSubstr("METLOG_RECOVER is 'nonsense'"));
  run({"serve", "next ", 1, {}, other, "own"});
  expect_whole(delivered_in(log()).lines.at("dead "), 200);
}

TEST_F(StartupRecovered, LeavesTheStandardOutputOfOtherProgramsAlone) {
  const std::string other = named("other_program");
  for (const char* const url : {"stdout:", "file:///dev/stdout", "file:///dev/fd/1"}) {
    run({"kill", "dead ", 200, url, other});
    const std::vector<std::string> before = sessions();
    const std::string said = content_of(output());
    run({"exit", "next ", 1});
    EXPECT_EQ(sessions(), before) << url;
    EXPECT_EQ(content_of(output()), said) << url;
    EXPECT_THAT(content_of(errors()), IsEmpty()) << url;
    run({"serve", "own ", 1, url, other});
    expect_whole(delivered_in(output()).lines.at("dead "), 200);
    fs::remove(output());
  }
}

TEST_F(StartupRecovered, KeepsMessagesOfOtherProgramsOffTheStandardError) {
  const std::string other = named("other_program");
  run({"kill", "dead ", 20, "tcp://127.0.0.1:9?hold_ms=1&debug_stderr=1", other});
  fs::remove(errors());
  run({"exit", "next ", 1});
  EXPECT_THAT(content_of(errors()), IsEmpty());
}

TEST_F(StartupRecovered, LeavesSendersThatAProgramMadeWithoutAWord) {
  run({"kill", "dead ", 200, "stream:"});
  const std::vector<std::string> before = sessions();
  for (int i = 0; i < 3; ++i) run({"exit", "next ", 1});
  EXPECT_EQ(sessions(), before);
  EXPECT_THAT(content_of(errors()), IsEmpty());
}

TEST_F(StartupRecovered, DoesNotMakeFilesForOtherPrograms) {
  const std::string other = named("other_program");
  run({"kill", "dead ", 200, "file:" + files_.file("gone.jsonl"), other});
  fs::remove(files_.file("gone.jsonl"));
  const std::vector<std::string> before = sessions();
  run({"exit", "next ", 1});
  EXPECT_EQ(sessions(), before);
  EXPECT_FALSE(fs::exists(files_.file("gone.jsonl")));
  run({"serve", "own ", 1, {}, other});
  EXPECT_EQ(delivered_in(files_.file("gone.jsonl")).deaths, 1);
}

TEST_F(StartupRecovered, DoesNotEndEveryStartByASessionThatNobodyCanRead) {
  run({"kill", "dead ", 200, {}, {}, "none"});
  const fs::path path = sessions_.path() / sessions().at(0) / "session";
  std::string session = content_of(path);
  session.at(4080) = 20;  // docs/ring.md
  write_content(path, session);
  run({"exit", "next ", 1});
  EXPECT_THAT(sessions(), SizeIs(1));
  EXPECT_EQ(delivered_in(log()).deaths, 0);
  session.at(4080) = 19;
  write_content(path, session);
  run({"serve", "next ", 1});
  expect_whole(delivered_in(log()).lines.at("dead "), 200);
}

TEST_F(StartupRecovered, SaysWhatItCannotDeliverOnceAndGoesOn) {
  fs::create_directory(files_.path() / "gone");
  run({"kill", "dead ", 200, "file:" + files_.file("gone/log.jsonl")});
  fs::remove_all(files_.path() / "gone");
  const pid_t child = start({"serve", "next "});
  std::string said;
  while (said.find('\n') == std::string::npos) said = content_of(errors());
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  EXPECT_THAT(said, HasSubstr("gone/log.jsonl"));
  fs::create_directory(files_.path() / "gone");
  run({"serve", "last "});
  EXPECT_EQ(delivered_in(files_.file("gone/log.jsonl")).deaths, 1);
}

}  // namespace
}  // namespace metlog
