#include "tools/router/match/text_pattern.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>
#include <vector>

namespace metlog {
namespace {

TEST(TextPattern, ComparesPlainTextDirectly) {
  for (const std::string regex : {"", "^", "$", "^$", "db", "^db", "db$", "^db$", "^db\\.",
                                  "\\^\\$", "a\\\\$", "a b", "^\xc3\xa4", "\\/", "=\\-,"}) {
    EXPECT_TRUE(TextPattern(regex).is_plain()) << regex;
  }
  for (const std::string regex : {".", "a|b", "^^a", "a$$", "a\\d", "a+", "(a)", "[a]", "a{2}",
                                  "(?i)a", "\\Qa\\E", "a\\ b", "^a$b", "\\_"}) {
    EXPECT_FALSE(TextPattern(regex).is_plain()) << regex;
  }
  EXPECT_TRUE(TextPattern("a\\$").is_plain());  // a dollar, not the end
  EXPECT_TRUE(TextPattern("a\\$").is_in("a$b"));
  EXPECT_FALSE(TextPattern("a\\\\$").is_in("a\\b"));
}

TEST(TextPattern, RefusesAByte) {
  for (const std::string regex : {"\\C", "a\\C+", "\\\\\\C", "\\Qa\\E\\C"}) {
    EXPECT_FALSE(TextPattern(regex).ok()) << regex;
  }
  EXPECT_TRUE(TextPattern("\\\\C").ok());
  EXPECT_TRUE(TextPattern("\\Q\\C\\E").ok());
}

// What is compared directly must find what RE2 finds.
TEST(TextPattern, AgreesWithRe2) {
  constexpr std::string_view kPieces[] = {"^",   "$",   "a", "b",   ".",  "\\.",      "\\\\",
                                          "\\$", "|",   "*", "(",   ")",  "[ab]",     "\n",
                                          "?",   "\\^", "{", "{2}", "ab", "\xc3\xa4", "\\b"};
  constexpr std::string_view kLetters[] = {"a", "b", ".", "\\", "$", "^", "\n", "\xc3\xa4", "{2}"};
  std::minstd_rand random(7);
  const auto draw = [&random](const auto& pieces, std::size_t max) {
    std::string text;
    for (std::size_t left = random() % (max + 1); left > 0; --left) {
      text += pieces[random() % std::size(pieces)];
    }
    return text;
  };
  re2::RE2::Options quiet;
  quiet.set_log_errors(false);
  int plain = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string regex = draw(kPieces, 4);
    const TextPattern pattern(regex);
    const re2::RE2 wanted(regex, quiet);
    ASSERT_EQ(pattern.ok(), wanted.ok()) << regex;
    if (!pattern.ok()) continue;
    plain += pattern.is_plain() ? 1 : 0;
    for (int j = 0; j < 5; ++j) {
      const std::string text = draw(kLetters, 6);
      ASSERT_EQ(pattern.is_in(text), re2::RE2::PartialMatch(text, wanted))
          << regex << " in " << text;
    }
  }
  EXPECT_GT(plain, 2'000);
}

}  // namespace
}  // namespace metlog
