#include "tools/console/escape_for_terminal.h"

#include <gtest/gtest.h>

namespace metlog {
namespace {

TEST(TerminalText, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(escape_for_terminal("\x1b[2J\a\n\x7f"), "\\x1b[2J\\x07\\x0a\\x7f");
  EXPECT_EQ(escape_for_terminal("\xc2\x9b"
                                "1m"),
            "\\u009b1m");  // a C1 control
  EXPECT_EQ(escape_for_terminal("\xe2\x80\xae"
                                "txt"),
            "\\u202etxt");                                    // right-to-left override
  EXPECT_EQ(escape_for_terminal("\xe2\x80\x8b"), "\\u200b");  // zero width
}

TEST(TerminalText, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(escape_for_terminal("a\xff"
                                "b\xc3"),
            "a\\xffb\\xc3");
  EXPECT_EQ(escape_for_terminal("\xe2\x82"), "\\xe2\\x82");
}

TEST(TerminalText, LeavesOtherTextAlone) {
  EXPECT_EQ(escape_for_terminal("caf\xc3\xa9 \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xf0\x9f\x98\x80");
}

TEST(TerminalText, CutsBetweenCharacters) {
  EXPECT_EQ(cut_to_width("\xc3\xa9\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9\xc3\xa9");
  EXPECT_EQ(cut_to_width("\xc3\xa9\xc3\xa9\xc3\xa9", 2), "\xc3\xa9~");
  EXPECT_EQ(cut_to_width("abc", 1), "~");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(TerminalText, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace metlog
