#include "tools/console/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

namespace metlog {
namespace {

using Mode = ProgressLine::Mode;

/// The bytes that `use` makes a progress line write until it is gone.
std::string written(Mode mode, const std::function<void(ProgressLine&)>& use) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  {
    ProgressLine line(file.get(), mode);
    use(line);
  }
  std::rewind(file.get());
  std::string bytes(1000, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  return bytes;
}

TEST(ProgressLine, RewritesALineAndErasesItAtTheEnd) {
  EXPECT_EQ(written(Mode::kRewrite,
                    [](ProgressLine& line) {
                      line.show("10 %");
                      line.show("20 %");
                    }),
            "10 %\x1b[K\r20 %\x1b[K\r\x1b[K");
}

TEST(ProgressLine, RewritesATableAndLeavesTheLastOne) {
  EXPECT_EQ(written(Mode::kRewrite,
                    [](ProgressLine& table) {
                      table.show("a\nb\n");
                      table.show("c\nd\ne\n");
                    }),
            "a\nb\n\x1b[2A\x1b[Jc\nd\ne\n");
}

TEST(ProgressLine, ErasesNothingThatWasWrittenToStay) {
  EXPECT_EQ(written(Mode::kRewrite,
                    [](ProgressLine& table) {
                      table.show("a\n");
                      table.write("stays\n");
                      table.show("b\n");
                    }),
            "a\nstays\nb\n");
}

TEST(ProgressLine, AddsALineEachTimeWhereItCannotRewrite) {
  EXPECT_EQ(written(Mode::kAppend,
                    [](ProgressLine& line) {
                      line.show("10 %");
                      line.show("20 %\n");
                    }),
            "10 %\n20 %\n");
}

TEST(ProgressLine, ShowsNothingWhenQuietButWritesWhatStays) {
  EXPECT_EQ(written(Mode::kQuiet,
                    [](ProgressLine& line) {
                      line.show("10 %");
                      line.write("done\n");
                    }),
            "done\n");
}

enum class Ground { kFore, kBack };

/// What a process writes with show() on a terminal of its own that another one prints to as well.
std::string written_on_a_terminal(Ground ground) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  grantpt(terminal);
  unlockpt(terminal);
  const std::string name = ptsname(terminal);
  // A terminal keeps what was written as long as it is open.
  const int kept_open = open(name.c_str(), O_RDWR | O_NOCTTY);
  const pid_t shell = fork();
  if (shell == 0) {
    setsid();
    std::FILE* const stream = std::fopen(name.c_str(), "r+");  // now its controlling terminal
    const pid_t program = ground == Ground::kBack ? fork() : 0;
    if (program != 0) {
      waitpid(program, nullptr, 0);
      _exit(0);
    }
    if (ground == Ground::kBack) setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    ProgressLine table(stream, Mode::kRewrite);
    table.show("a\n");
    EXPECT_EQ(::write(fileno(stream), "other\n", 6), 6);
    table.show("b\n");
    table.write("end\n");
    _exit(0);
  }
  waitpid(shell, nullptr, 0);
  std::string bytes(1000, '\0');
  const ssize_t count = ::read(terminal, bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  close(kept_open);
  close(terminal);
  return bytes;
}

TEST(ProgressLine, LeavesTheTerminalAloneWhileAnotherProgramHasIt) {
  EXPECT_EQ(written_on_a_terminal(Ground::kFore), "a\r\nother\r\n\x1b[1A\x1b[Jb\r\nend\r\n");
  EXPECT_EQ(written_on_a_terminal(Ground::kBack), "other\r\nend\r\n");
}

TEST(ProgressLine, AppendsToAFile) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  EXPECT_EQ(ProgressLine::mode_for(file.get()), Mode::kAppend);
  EXPECT_FALSE(terminal_size(file.get()).has_value());
}

}  // namespace
}  // namespace metlog
