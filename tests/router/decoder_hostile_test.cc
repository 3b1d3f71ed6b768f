#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

using Cases = std::vector<std::pair<std::string, std::string>>;

std::string with_payload(const std::string& payload) { return envelope({{"payload", payload}}); }

/// Checks the outcome of each text, and that the message after it is still decoded.
void expect_outcomes(const Cases& cases) {
  Decoding decoding;
  for (const auto& [text, outcome] : cases) {
    EXPECT_EQ(decoding.outcome(text), outcome) << text.substr(0, 300);
    ASSERT_EQ(decoding.outcome(envelope()), "accepted") << "after " << text.substr(0, 300);
    ASSERT_EQ(decoding.message().raw, envelope());
  }
}

TEST(DecoderOnHostileBytes, RefusesEveryTruncation) {
  Decoding decoding;
  const std::string text = envelope({{"payload", R"("\u00e9\n")"}, {"fields", R"({"a":[1.5e3]})"}});
  ASSERT_EQ(decoding.outcome(text), "accepted");
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(decoding.decode(text.substr(0, size)).has_value()) << size;
  }
}

TEST(DecoderOnHostileBytes, RefusesWhatIsNoJson) {
  expect_outcomes({{"", "empty"},
                   {" \n", "empty"},
                   {"garbage", "not_json"},
                   {"{", "not_json"},
                   {"}", "not_json"},
                   {"{\"type\":}", "not_json"},
                   {"{'type':'x'}", "not_json"},
                   {with_payload("nan"), "not_json"},
                   {with_payload("nul"), "not_json"},
                   {with_payload("\"a\nb\""), "not_json"},
                   {with_payload(std::string("\"a\0b\"", 5)), "not_json"},
                   {envelope() + std::string(1, '\0'), "trailing_bytes"},
                   {std::string(1, '\0') + envelope(), "not_json"},
                   {"\xef\xbb\xbf" + envelope(), "not_json"}});
}

TEST(DecoderOnHostileBytes, RefusesWhatIsNoObject) {
  expect_outcomes({{"[1,2]", "not_an_object"},
                   {"\"abc\"", "not_an_object"},
                   {"12", "not_an_object"},
                   {"null", "not_an_object"},
                   {bracketed(envelope()), "not_an_object"}});
}

TEST(DecoderOnHostileBytes, RefusesWhatFollowsTheObject) {
  expect_outcomes({{envelope() + "x", "trailing_bytes"},
                   {envelope() + "}", "trailing_bytes"},
                   {envelope() + ",", "trailing_bytes"},
                   {envelope() + envelope(), "trailing_bytes"},
                   {envelope() + "\n" + envelope(), "trailing_bytes"},
                   {envelope() + "\"", "trailing_bytes"},
                   {"{\"a\":\"}\"}}", "trailing_bytes"}});
}

TEST(DecoderOnHostileBytes, CountsDepthExactly) {
  // The envelope is one level itself.
  expect_outcomes({{with_payload(nested(62)), "accepted"},
                   {with_payload(nested(63)), "accepted"},
                   {with_payload(nested(64)), "too_deep"},
                   {with_payload(nested(100'000)), "too_deep"},
                   {std::string(100'000, '['), "not_json"},
                   {std::string(100'000, '{'), "not_json"}});
}

TEST(DecoderOnHostileBytes, RefusesInvalidUtf8) {
  expect_outcomes({{with_payload("\"\xff\""), "not_utf8"},
                   {with_payload("\"\xc3\""), "not_utf8"},
                   {with_payload("\"\xc0\xaf\""), "not_utf8"},
                   {with_payload("\"\xed\xa0\x80\""), "not_utf8"},
                   {with_payload("\"\xf4\x90\x80\x80\""), "not_utf8"},
                   {"\xff\xfe{", "not_utf8"},
                   {with_payload("\"\xf0\x9f\x98\x80\""), "accepted"}});
}

TEST(DecoderOnHostileBytes, RefusesWrongEscapes) {
  expect_outcomes({{with_payload(R"("\x41")"), "bad_string"},
                   {with_payload(R"("\u12")"), "bad_string"},
                   {with_payload(R"("\ud83d\ude00")"), "accepted"},
                   {with_payload(R"("\u0000")"), "accepted"}});
}

TEST(DecoderOnHostileBytes, RefusesNumbersThatNothingHolds) {
  expect_outcomes({{with_payload("01"), "bad_number"},
                   {with_payload("1."), "bad_number"},
                   {with_payload("+1"), "not_json"},
                   {with_payload("1e400"), "bad_number"},
                   {with_payload("18446744073709551615"), "accepted"},
                   {with_payload("1e-400"), "accepted"}});
}

TEST(DecoderOnHostileBytes, BoundsTheLengthBeforeItParses) {
  const std::string megabyte(1 << 20, 'a');
  expect_outcomes({{with_payload('"' + megabyte + '"'), "too_long"},
                   {std::string(1 << 20, ' '), "too_long"},
                   {with_payload('"' + megabyte.substr(0, 250'000) + '"'), "accepted"}});
}

TEST(DecoderOnHostileBytes, SurvivesASeededStormOfMutations) {
  Decoding decoding;
  std::mt19937 random(20130118);
  const std::string good = envelope({{"fields", R"({"name":"a\u00e9","rate":0.1,"l":[{},[]]})"}});
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (unsigned i = random() % 4; i > 0; --i) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    if (!decoding.decode(text)) ++accepted;
  }
  // A quarter of the rounds changes nothing.
  EXPECT_GT(accepted, 4'000U);
  EXPECT_EQ(decoding.outcome(good), "accepted");
}

}  // namespace
}  // namespace metlog
