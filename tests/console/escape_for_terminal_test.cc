#include "tools/console/escape_for_terminal.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/unprintable_characters.h"

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

TEST(TerminalText, EscapesWhatCannotBeSeenOrTurnsTheDirection) {
  EXPECT_EQ(escape_for_terminal("a\u061cb"), "a\\u061cb");
  EXPECT_EQ(escape_for_terminal("a\u200bb"), "a\\u200bb");
  EXPECT_EQ(escape_for_terminal("a\u2060b"), "a\\u2060b");
  EXPECT_EQ(escape_for_terminal("a\ufeffb"), "a\\ufeffb");
  EXPECT_EQ(escape_for_terminal("a\U000E0001b"), "a\\ue0001b");
}

TEST(TerminalText, EscapesTheUnprintableCharactersAndNoOther) {
  for (const char32_t character : all_characters()) {
    const std::string bytes = utf8(character);
    const auto point = static_cast<unsigned>(character);
    const std::string escaped =
        point < 0x80 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{:04x}", point);
    ASSERT_EQ(escape_for_terminal(bytes), is_expected_unprintable(character) ? escaped : bytes)
        << point;
  }
}

TEST(TerminalText, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(escape_for_terminal("a\xff"
                                "b\xc3"),
            "a\\xffb\\xc3");
  EXPECT_EQ(escape_for_terminal("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ(escape_for_terminal("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(escape_for_terminal("\xc0\x9b"), "\\xc0\\x9b") << "overlong";
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
