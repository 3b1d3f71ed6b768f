#include "metlog/internal/base/utf8.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/unprintable_characters.h"

namespace metlog {
namespace {

/// Returns the lengths of the sequences of a text, negative for invalid ones.
std::vector<int> steps(std::string_view text) {
  std::vector<int> lengths;
  while (!text.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    const int bytes = static_cast<int>(sequence.bytes);
    lengths.push_back(sequence.is_valid ? bytes : -bytes);
    text.remove_prefix(sequence.bytes);
  }
  return lengths;
}

using Steps = std::vector<int>;

TEST(Utf8, ReadsEveryCharacter) {
  for (const char32_t character : all_characters()) {
    const std::string bytes = utf8(character);
    const Utf8Sequence sequence = first_utf8_sequence(bytes);
    ASSERT_TRUE(sequence.is_valid) << std::uint32_t{character};
    ASSERT_EQ(sequence.bytes, bytes.size()) << std::uint32_t{character};
    ASSERT_EQ(utf8_code_point(bytes), character);
  }
}

TEST(Utf8, TakesNoOverlongForm) {
  EXPECT_EQ(steps("\xC0\x80"), (Steps{-1, -1}));
  EXPECT_EQ(steps("\xC1\xBF"), (Steps{-1, -1}));
  EXPECT_EQ(steps("\xE0\x80\x80"), (Steps{-1, -1, -1}));
  EXPECT_EQ(steps("\xE0\x9F\xBF"), (Steps{-1, -1, -1}));
  EXPECT_EQ(steps("\xF0\x80\x80\x80"), (Steps{-1, -1, -1, -1}));
  EXPECT_EQ(steps("\xF0\x8F\xBF\xBF"), (Steps{-1, -1, -1, -1}));
}

TEST(Utf8, TakesNoSurrogateAndNothingAboveTheLastCharacter) {
  EXPECT_EQ(steps("\xED\x9F\xBF"), (Steps{3}));
  EXPECT_EQ(steps("\xED\xA0\x80"), (Steps{-1, -1, -1}));
  EXPECT_EQ(steps("\xED\xBF\xBF"), (Steps{-1, -1, -1}));
  EXPECT_EQ(steps("\xEE\x80\x80"), (Steps{3}));
  EXPECT_EQ(steps("\xF4\x8F\xBF\xBF"), (Steps{4}));
  EXPECT_EQ(steps("\xF4\x90\x80\x80"), (Steps{-1, -1, -1, -1}));
  EXPECT_EQ(steps("\xF5\x80\x80\x80"), (Steps{-1, -1, -1, -1}));
  EXPECT_EQ(steps("\xFF"), (Steps{-1}));
}

TEST(Utf8, TakesATruncatedSequenceAsOne) {
  EXPECT_EQ(steps("\xC3"), (Steps{-1}));
  EXPECT_EQ(steps("\xE2\x82"), (Steps{-2}));
  EXPECT_EQ(steps("\xF0\x9F\x98"), (Steps{-3}));
  EXPECT_EQ(steps("\xE2\x82x"), (Steps{-2, 1}));
  EXPECT_EQ(steps("\xF0\x9F\xE2\x82\xAC"), (Steps{-2, 3}));
  EXPECT_EQ(steps("\x80\xBF"), (Steps{-1, -1}));
}

TEST(Utf8, IsValidWhereSimdjsonSaysSo) {
  for (unsigned lead = 0; lead < 256; ++lead) {
    for (unsigned second = 0; second < 256; ++second) {
      for (const std::string_view tail : {"", "\x80", "\xBF", "\x80\x80", "x"}) {
        std::string text = {static_cast<char>(lead), static_cast<char>(second)};
        text.append(tail);
        bool is_valid = true;
        for (const int length : steps(text)) is_valid = is_valid && length > 0;
        ASSERT_EQ(is_valid, simdjson::validate_utf8(text)) << lead << ' ' << second;
      }
    }
  }
}

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("a\u00e9\u20ac\U0001F600"), 4U);
  EXPECT_EQ(count_characters("\xE2\x82\xFF"), 2U);
}

TEST(Utf8, CutsBetweenCharacters) {
  const std::string text = "a\u00e9\u20ac\U0001F600";
  EXPECT_EQ(first_characters(text, 0), "");
  EXPECT_EQ(first_characters(text, 3), "a\u00e9\u20ac");
  EXPECT_EQ(first_characters(text, 9), text);
  EXPECT_EQ(cut_to_bytes(text, 0), "");
  EXPECT_EQ(cut_to_bytes(text, 2), "a");
  EXPECT_EQ(cut_to_bytes(text, 6), "a\u00e9\u20ac");
  EXPECT_EQ(cut_to_bytes(text, 9), "a\u00e9\u20ac");
  EXPECT_EQ(cut_to_bytes(text, 10), text);
}

TEST(Utf8, KnowsBytesInsideACharacter) {
  EXPECT_TRUE(continues_utf8('\x80'));
  EXPECT_TRUE(continues_utf8('\xBF'));
  EXPECT_FALSE(continues_utf8('\x7F'));
  EXPECT_FALSE(continues_utf8('\xC0'));
}

}  // namespace
}  // namespace metlog
