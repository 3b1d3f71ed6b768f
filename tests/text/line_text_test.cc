#include "metlog/internal/text/line_text.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(LineWord, IsQuotedWhereItCouldBeTakenForTwo) {
  EXPECT_EQ(line_word("orders"), "orders");
  EXPECT_EQ(line_word("C:\\x"), "C:\\x");
  EXPECT_EQ(line_word(""), "\"\"");
  EXPECT_EQ(line_word("two words"), "\"two words\"");
  EXPECT_EQ(line_word("a=b"), "\"a=b\"");
  EXPECT_EQ(line_word("say \"hi\"\n"), "\"say \\\"hi\\\"\\n\"");
  EXPECT_EQ(line_word("\x7f"), "\"\\u007f\"");
}

}  // namespace
}  // namespace metlog
