#include "metlog/internal/text/line_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/escape_corpus.h"
#include "tests/support/unescaped.h"
#include "tests/support/unprintable_characters.h"

namespace metlog {
namespace {

TEST(LineText, LeavesWhatAHumanReads) {
  const std::string text = "say \"hi\" to C:\\temp, {grün} \xe2\x82\xac \xf0\x9f\x98\x80 ~";
  EXPECT_EQ(line_text(text), text);
}

TEST(LineText, EscapesWhateverEndsALineOrMovesACursor) {
  EXPECT_EQ(line_text("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(line_text("\x1b[31mred"), "\\u001b[31mred");
  EXPECT_EQ(line_text(std::string("\0\x7f", 2)), "\\u0000\\u007f");
  EXPECT_EQ(line_text("\xc2\x85|\xc2\x9b|\xc2\xa0"), "\\u0085|\\u009b|\xc2\xa0");
  EXPECT_EQ(line_text("\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6"), "\\u2028\\u202e\\u2066");
}

TEST(LineText, EscapesWhatCannotBeSeenOrTurnsTheDirection) {
  EXPECT_EQ(line_text("a\u061cb"), "a\\u061cb");
  EXPECT_EQ(line_text("a\u200bb"), "a\\u200bb");
  EXPECT_EQ(line_text("a\u2060b"), "a\\u2060b");
  EXPECT_EQ(line_text("a\ufeffb"), "a\\ufeffb");
  EXPECT_EQ(line_text("a\U000E0001b"), "a\\udb40\\udc01b") << "as JSON escapes it";
}

TEST(LineText, LeavesTheVariationSelectorsOfVisibleCharacters) {
  EXPECT_EQ(line_text("\u2764\ufe0f"), "\u2764\ufe0f");
}

std::string json_escape(char32_t character) {
  const std::string_view letters = "\b\f\n\r\t";
  const std::string bytes = utf8(character);
  const std::size_t letter = letters.find(bytes);
  if (letter != std::string_view::npos) return {'\\', "bfnrt"[letter]};
  const auto point = static_cast<unsigned>(character);
  if (point < 0x10000) return fmt::format("\\u{:04x}", point);
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
}

TEST(LineText, EscapesTheUnprintableCharactersAndNoOther) {
  for (const char32_t character : all_characters()) {
    const std::string bytes = utf8(character);
    ASSERT_EQ(line_text(bytes), is_expected_unprintable(character) ? json_escape(character) : bytes)
        << static_cast<unsigned>(character);
  }
}

TEST(LineText, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(line_text("a\xff"
                      "b\xc2"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

// The block, the two overlapping words and the single bytes must all see a special byte.
TEST(LineText, SeesASpecialByteAtEveryPlaceOfEveryLength) {
  for (std::size_t size = 1; size <= 50; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char special : {'\n', '\x7f', '\x1f', '\0'}) {
        std::string text(size, 'x');
        text[at] = special;
        const std::string line = line_text(text);
        ASSERT_EQ(line.find(special), std::string::npos) << size << ' ' << at;
        ASSERT_EQ(line.size(), size - 1 + (special == '\n' ? 2 : 6));
      }
    }
  }
}

TEST(ReversibleText, IsReadBack) {
  for (const std::string& text : escape_corpus()) {
    const std::string shown = reversible_text(text);
    EXPECT_TRUE(is_printable_line(shown)) << shown;
    EXPECT_EQ(unescaped(shown), text) << shown;
    const std::string word = line_word(text);
    EXPECT_TRUE(is_printable_line(word)) << word;
    EXPECT_EQ(unescaped_word(word), text) << word;
    EXPECT_EQ(unescaped(quoted_text(text)), text) << word;
    EXPECT_EQ(line_text(shown), shown) << "nothing is left to escape";
  }
}

TEST(ReversibleText, LeavesWhatNeedsNoEscape) {
  const std::string text = "say \"hi\" to {gr\u00fcn} \u20ac \U0001F600 \u2764\ufe0f ~";
  EXPECT_EQ(reversible_text(text), text);
  EXPECT_EQ(reversible_text("C:\\new\n\x1b\xe9"), "C:\\\\new\\n\\u001b\\xe9");
  EXPECT_EQ(quoted_text("\"C:\\\xe9\U000E0001"), "\\\"C:\\\\\\udce9\\udb40\\udc01");
}

/// A byte of invalid UTF-8 is read back whatever is beside it, and in any pieces.
TEST(ReversibleText, IsReadBackInPieces) {
  for (const std::string& text : escape_corpus()) {
    for (std::size_t cut = 0; cut <= text.size() && cut < 40; ++cut) {
      const std::string shown =
          reversible_text(text.substr(0, cut)) + reversible_text(text.substr(cut));
      ASSERT_EQ(unescaped(shown), text) << shown;
    }
  }
}

TEST(LineWord, IsQuotedWhereItCouldBeTakenForTwo) {
  EXPECT_EQ(line_word("orders"), "orders");
  EXPECT_EQ(line_word("gr\u00fcn"), "gr\u00fcn");
  EXPECT_EQ(line_word("C:\\x"), "\"C:\\\\x\"");
  EXPECT_EQ(line_word("a\u202e"), "\"a\\u202e\"");
  EXPECT_EQ(line_word("a\xff"), "\"a\\udcff\"");
  EXPECT_EQ(line_word(""), "\"\"");
  EXPECT_EQ(line_word("two words"), "\"two words\"");
  EXPECT_EQ(line_word("a=b"), "\"a=b\"");
  EXPECT_EQ(line_word("say \"hi\"\n"), "\"say \\\"hi\\\"\\n\"");
  EXPECT_EQ(line_word("\x7f"), "\"\\u007f\"");
}

}  // namespace
}  // namespace metlog
