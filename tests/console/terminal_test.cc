#include "tools/console/terminal.h"

#include <gtest/gtest.h>

#include <cstdio>
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

TEST(ProgressLine, AppendsToAFile) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  EXPECT_EQ(ProgressLine::mode_for(file.get()), Mode::kAppend);
  EXPECT_FALSE(terminal_size(file.get()).has_value());
}

}  // namespace
}  // namespace metlog
