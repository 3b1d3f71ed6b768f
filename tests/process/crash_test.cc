// Deaths by a signal, with and without the crash handler: crashing_program dies in the given way.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/session_image.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// What a death leaves.
struct Dead {
  int status = 0;
  std::string said;            // on standard error
  std::uint32_t tid = 0;       // of the thread that crashed, and
  std::uint64_t function = 0;  // where its code begins
  std::size_t lines_in_file = 0;
  std::map<int, int> numbers;  // of the lines in the file, in batches and in rings: how often
  std::vector<fs::path> left;  // sessions
  SessionHeader session{};     // the first one
  std::int64_t began_ns = 0;   // UTC
  std::chrono::milliseconds took{};

  [[nodiscard]] int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
  [[nodiscard]] const CrashSlot& slot() const { return session.crash; }
  [[nodiscard]] std::uint32_t slot_state() const { return slot().state.load(Order::kRelaxed); }
  /// True when a return address is in the function that crashed.
  [[nodiscard]] bool has_frame_in_function() const {
    for (std::uint32_t i = 0; i < slot().frame_count; ++i) {
      const std::uint64_t offset = slot().frames[i] - function;
      if (offset < 1024) return true;
    }
    return false;
  }
};

int number_in(const std::string& text) {
  const std::size_t at = text.find("\"payload\":\"line ");
  return at == std::string::npos ? -1 : std::stoi(text.substr(at + 16));
}

void add_lines(Dead& dead, const std::string& file, const fs::path& sessions) {
  const std::string before = content_of(file);
  dead.lines_in_file = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  if (fs::exists(sessions)) {
    for (const auto& session : fs::directory_iterator(sessions)) {
      dead.left.push_back(session.path());
      dead.session = session_header(session.path());
    }
    Recovery::Options options;
    options.to = "file:" + file;  // the program's own sender has no URL
    const absl::StatusOr<std::unique_ptr<Recovery>> recovery =
        Recovery::open(sessions.string(), options);
    ASSERT_TRUE(recovery.ok()) << recovery.status();
    (*recovery)->recover_all();
  }
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    if (line.find("\"metlog.death\"") == std::string::npos) ++dead.numbers[number_in(line)];
  }
}

Dead die_by(const std::string& way, const std::string& handler, const std::string& earlier = "") {
  const TempDir directory;
  const std::string file = directory.file("out.jsonl");
  const std::string sessions = directory.file("sessions");
  Dead dead;
  dead.began_ns = std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(directory.path().c_str()) != 0) _exit(96);  // for a core file
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    dup2(open("printed", kFlags, 0600), STDOUT_FILENO);
    dup2(open("said", kFlags, 0600), STDERR_FILENO);
    alarm(30);
    execl(METLOG_CRASHING_PROGRAM, "crashing_program", way.c_str(), file.c_str(), sessions.c_str(),
          handler.c_str(), earlier.empty() ? nullptr : earlier.c_str(), nullptr);
    _exit(95);
  }
  waitpid(child, &dead.status, 0);
  dead.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  dead.said = content_of(directory.file("said"));
  std::istringstream printed(content_of(directory.file("printed")));
  printed >> dead.tid >> std::hex >> dead.function;
  add_lines(dead, file, sessions);
  return dead;
}

void expect_nothing_is_lost(const Dead& dead) {
  EXPECT_EQ(dead.numbers.size(), 1001U);
  for (int i = 0; i < 1001; ++i) {
    const auto found = dead.numbers.find(i);
    ASSERT_TRUE(found != dead.numbers.end()) << i;
    EXPECT_EQ(found->second, 1) << i;
  }
}

struct Way {
  const char* name;
  int signal;
  bool is_stored = true;
};

class Crash : public testing::TestWithParam<Way> {};

TEST_P(Crash, LosesNothingAndDiesOfTheSameSignal) {
  const Way& way = GetParam();
  const Dead without = die_by(way.name, "none");
  const Dead with = die_by(way.name, "handler");
  EXPECT_EQ(without.signal(), way.signal) << without.status;
  EXPECT_EQ(with.signal(), way.signal) << with.status;
  EXPECT_EQ(WCOREDUMP(with.status), WCOREDUMP(without.status));
  expect_nothing_is_lost(without);
  expect_nothing_is_lost(with);
  EXPECT_EQ(without.slot_state(), CrashSlot::kEmpty);
  if (!way.is_stored) return;
  ASSERT_EQ(with.slot_state(), CrashSlot::kWhole);
  const CrashSlot& slot = with.slot();
  EXPECT_EQ(slot.signal, way.signal);
  EXPECT_EQ(slot.tid, with.tid);
  EXPECT_GE(slot.utc_ns, with.began_ns);
  EXPECT_LT(slot.utc_ns, with.began_ns + std::int64_t{40} * 1'000'000'000);
  EXPECT_GE(slot.frame_count, 1U);
  EXPECT_TRUE(with.has_frame_in_function());
}

INSTANTIATE_TEST_SUITE_P(Ways, Crash,
                         testing::Values(Way{"abort", SIGABRT}, Way{"null", SIGSEGV},
                                         Way{"wild", SIGSEGV}, Way{"not_canonical", SIGSEGV},
                                         Way{"call_null", SIGSEGV}, Way{"call_data", SIGSEGV},
                                         Way{"ill", SIGILL}, Way{"fpe", SIGFPE}, Way{"bus", SIGBUS},
                                         Way{"trap", SIGTRAP}, Way{"new_thread", SIGSEGV},
                                         Way{"malloc", SIGABRT}, Way{"filter", SIGSEGV},
                                         Way{"sender", SIGSEGV}, Way{"terminate", SIGABRT},
                                         Way{"kill", SIGSEGV}),
                         [](const auto& way) { return std::string(way.param.name); });

// The function that overflows is above the 64 innermost frames; of a broken stack nothing is known
// but the address.
INSTANTIATE_TEST_SUITE_P(Stacks, Crash,
                         testing::Values(Way{"overflow", SIGSEGV, false},
                                         Way{"overflow_thread", SIGSEGV, false},
                                         Way{"stack", SIGSEGV, false}, Way{"two", SIGSEGV, false},
                                         Way{"throw", SIGABRT, false},
                                         Way{"child", SIGABRT, false}),
                         [](const auto& way) { return std::string(way.param.name); });

TEST(CrashSlotOf, SaysWhereAndWhy) {
  const Dead null = die_by("null", "handler");
  EXPECT_EQ(null.slot().kind, CrashSlot::kSignal);
  EXPECT_EQ(null.slot().code, SEGV_MAPERR);
  EXPECT_EQ(null.slot().address, 0U);
  EXPECT_GT(null.slot().frame_count, 3U) << "down to main()";
  EXPECT_LT(null.slot().frames[0] - null.function, 1024U) << "the innermost is the crash's";
  EXPECT_EQ(die_by("wild", "handler").slot().address, 0x123456789000U);
  EXPECT_EQ(die_by("fpe", "handler").slot().code, FPE_INTDIV);
  EXPECT_EQ(die_by("bus", "handler").slot().code, BUS_ADRERR);
  EXPECT_EQ(die_by("abort", "handler").slot().code, SI_TKILL);
  const Dead called = die_by("call_null", "handler");
  EXPECT_EQ(called.slot().frames[0], 0U);
  EXPECT_LT(called.slot().frames[1] - called.function, 1024U) << "the caller";
  EXPECT_GT(called.slot().frame_count, 4U);
}

TEST(CrashSlotOf, AStackOverflowIsWholeOnEveryThreadThatLogs) {
  for (const char* const way : {"overflow", "overflow_thread"}) {
    const Dead dead = die_by(way, "handler");
    ASSERT_EQ(dead.slot_state(), CrashSlot::kWhole) << way;
    EXPECT_EQ(dead.slot().signal, SIGSEGV);
    EXPECT_EQ(dead.slot().tid, dead.tid);
    EXPECT_EQ(dead.slot().frame_count, CrashSlot::kMaxFrames);
  }
}

TEST(CrashSlotOf, ABrokenStackHasTheAddressOfTheCrash) {
  const Dead dead = die_by("stack", "handler");
  ASSERT_EQ(dead.slot_state(), CrashSlot::kWhole);
  EXPECT_GE(dead.slot().frame_count, 1U);
  EXPECT_LT(dead.slot().frames[0] - dead.function, 1024U);
}

TEST(CrashSlotOf, TerminateHasItsOwnKindAndTheSignalThatFollowed) {
  for (const char* const way : {"terminate", "throw"}) {
    const Dead dead = die_by(way, "handler");
    ASSERT_EQ(dead.slot_state(), CrashSlot::kWhole) << way;
    EXPECT_EQ(dead.slot().kind, CrashSlot::kTerminate);
    EXPECT_EQ(dead.slot().signal, SIGABRT);
    EXPECT_EQ(dead.slot().tid, dead.tid);
    EXPECT_GT(dead.slot().frame_count, 2U);
    EXPECT_THAT(dead.said, HasSubstr("terminate called")) << "by the earlier handler";
  }
  const Dead own = die_by("terminate", "handler", "terminates");
  EXPECT_TRUE(WIFEXITED(own.status));
  EXPECT_EQ(WEXITSTATUS(own.status), 56);
  EXPECT_EQ(own.slot().kind, CrashSlot::kTerminate);
  expect_nothing_is_lost(own);
}

TEST(CrashSlotOf, AChildThatHasNoEngineLeavesThatOfItsParentAlone) {
  const Dead dead = die_by("child", "handler");
  EXPECT_EQ(dead.signal(), SIGABRT) << "the child died of SIGSEGV";
  EXPECT_EQ(dead.slot().signal, SIGABRT);
}

TEST(ExitAtOnce, LeavesEverythingInTheSession) {
  for (const char* const way : {"exit", "child_exit"}) {
    const Dead dead = die_by(way, "none");
    EXPECT_TRUE(WIFEXITED(dead.status));
    EXPECT_EQ(WEXITSTATUS(dead.status), 0);
    EXPECT_EQ(dead.left.size(), 1U);
    Dead own = dead;
    own.numbers.erase(-1);  // of the parent
    expect_nothing_is_lost(own);
  }
}

TEST(EarlierHandler, IsCalledOnceAndTheSignalStays) {
  for (const char* const kind : {"info", "plain", "raises", "crashes", "divides"}) {
    const Dead dead = die_by("null", "handler", kind);
    EXPECT_EQ(dead.signal(), SIGSEGV) << kind;
    EXPECT_EQ(dead.said, "own handler\n") << kind;
    EXPECT_EQ(dead.slot_state(), CrashSlot::kWhole);
    EXPECT_EQ(dead.slot().signal, SIGSEGV);
    expect_nothing_is_lost(dead);
  }
}

TEST(EarlierHandler, ThatJumpsAwayLetsOtherThreadsCrash) {
  const Dead dead = die_by("three", "handler", "jumps");
  EXPECT_EQ(dead.signal(), SIGSEGV) << dead.status;
  EXPECT_EQ(dead.said, "own handler\n");
  EXPECT_LT(dead.took, std::chrono::seconds(9));
  EXPECT_EQ(dead.slot_state(), CrashSlot::kWhole);
  EXPECT_EQ(dead.slot().address, 0x123456789000U);
  EXPECT_EQ(dead.slot().tid, dead.tid);
  expect_nothing_is_lost(dead);
}

TEST(EarlierHandler, MayEndTheProcessItself) {
  const Dead dead = die_by("null", "handler", "exits");
  ASSERT_TRUE(WIFEXITED(dead.status)) << dead.status;
  EXPECT_EQ(WEXITSTATUS(dead.status), 55);
  EXPECT_EQ(dead.slot().signal, SIGSEGV);
  expect_nothing_is_lost(dead);
}

TEST(EarlierHandler, ThatIgnoresKeepsFaultsAndAbortFatal) {
  EXPECT_EQ(die_by("null", "handler", "ignores").signal(), SIGSEGV);
  const Dead aborted = die_by("abort", "handler", "ignores");
  EXPECT_EQ(aborted.signal(), SIGABRT);
  EXPECT_EQ(aborted.slot().signal, SIGABRT);
  // Sent, not a fault: the program goes on and returns from main().
  const Dead sent = die_by("kill", "handler", "ignores");
  EXPECT_TRUE(WIFEXITED(sent.status)) << sent.status;
}

TEST(CrashDrain, SendsWhatWasLoggedBefore) {
  for (const char* const way : {"null", "abort", "overflow", "new_thread", "throw"}) {
    const Dead dead = die_by(way, "drain");
    EXPECT_THAT(dead.signal(), AnyOf(SIGSEGV, SIGABRT)) << way;
    EXPECT_LT(dead.took, std::chrono::seconds(9)) << way;
    expect_nothing_is_lost(dead);
    EXPECT_EQ(dead.lines_in_file, 1001U) << way;
  }
}

TEST(CrashDrain, SendsWhatWasLoggedSinceACrashThatWasSurvived) {
  const Dead dead = die_by("again", "drain", "jumps");
  EXPECT_EQ(dead.signal(), SIGSEGV) << dead.status;
  EXPECT_EQ(dead.said, "own handler\n");
  EXPECT_LT(dead.took, std::chrono::seconds(9));
  EXPECT_EQ(dead.slot().address, 0x123456789000U);
  expect_nothing_is_lost(dead);
  EXPECT_EQ(dead.lines_in_file, 1001U);
}

TEST(CrashDrain, IsNotWaitedForWhereNoThreadDoesIt) {
  const Dead dead = die_by("no_flusher", "drain");
  EXPECT_EQ(dead.signal(), SIGSEGV) << dead.status;
  EXPECT_LT(dead.took, std::chrono::seconds(9));
  expect_nothing_is_lost(dead);
}

}  // namespace
}  // namespace metlog
