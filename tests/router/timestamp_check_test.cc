#include "tools/router/decode/timestamp_check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

const std::vector<std::string> kExisting = {
    "2013-01-18T12:34:56.789012Z",
    "2013-01-18T12:34:56.000000Z",
    "2013-01-18T12:34:56Z",
    "2013-01-18T12:34:56.7Z",
    "2013-01-18T12:34:56.789012345678Z",
    "2013-01-18t12:34:56.789z",
    "2013-01-18 12:34:56Z",
    "2013-01-18T12:34:56",
    "2013-01-18 12:34:56.789012",
    "2013-01-18T12:34:56+00:00",
    "2013-01-18T12:34:56.5-23:59",
    "2013-01-18T12:34:56+0530",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2000-02-29T00:00:00.000000Z",
    "2012-02-29T23:59:59.000000Z",
    "2016-12-31T23:59:60.500000Z",
    "2017-01-01T00:59:60+01:00",
    "2016-12-31T15:59:60-08:00",
    "2013-04-30T00:00:00.000000Z",
};

const std::vector<std::string> kMissing = {
    "",
    " ",
    "x",
    "null",
    "0",
    "1358512496",
    "1358512496.789012",
    "now",
    // Dates that do not exist.
    "2013-02-30T25:61:61Z",
    "2013-02-30T12:34:56.789012Z",
    "2013-02-29T12:34:56.789012Z",
    "1900-02-29T12:34:56.789012Z",
    "2013-00-18T12:34:56.789012Z",
    "2013-13-18T12:34:56.789012Z",
    "2013-01-00T12:34:56.789012Z",
    "2013-01-32T12:34:56.789012Z",
    "2013-04-31T12:34:56.789012Z",
    // Times that do not.
    "2013-01-18T24:00:00.000000Z",
    "2013-01-18T12:60:56.789012Z",
    "2013-01-18T12:34:61.789012Z",
    "2013-01-18T12:34:60.789012Z",
    "2016-12-31T23:59:60+01:00",
    "2013-01-18T12:34:99.789012Z",
    // Zones that do not.
    "2013-01-18T12:34:56.789012+24:00",
    "2013-01-18T12:34:56.789012+00:60",
    "2013-01-18T12:34:56.789012UTC",
    "2013-01-18T12:34:56.789012ZZ",
    "2013-01-18T12:34:56.789012+1",
    "2013-01-18T12:34:56.789012Z+01:00",
    // Other forms.
    "2013-01-18",
    "12:34:56Z",
    "2013-01-18T12:34Z",
    "2013-01-18T12:34:56.Z",
    "2013-01-18T12:34:56.",
    "2013-01-18T12:34:56,789012Z",
    "20130118T123456Z",
    "2013/01/18 12:34:56",
    "18.01.2013 12:34:56",
    "13-01-18T12:34:56Z",
    "02013-01-18T12:34:56Z",
    "+2013-01-18T12:34:56Z",
    "-2013-01-18T12:34:56Z",
    "2013-1-18T12:34:56Z",
    "2013-01-18T1:34:56Z",
    "2013-01-18T12:34:5 .789012Z",
    "2013-01-18T12:34:56.78901 Z",
    "2013-01-18T12:34:56.78-012Z",
    " 2013-01-18T12:34:56.789012Z",
    "2013-01-18T12:34:56.789012Z ",
    "2013-01-18T12:34:56.789012Z\n",
    "2013-01-18_12:34:56.789012Z",
    "2013-W03-5T12:34:56Z",
    "2013-018T12:34:56Z",
    "\xef\xbc\x92"
    "013-01-18T12:34:56Z",
};

TEST(TimestampCheck, AcceptsDatesAndTimesThatExist) {
  for (const std::string& text : kExisting) {
    TimestampCheck check;
    EXPECT_TRUE(check.is_valid(text)) << text;
    EXPECT_TRUE(check.is_valid(text)) << text << ", the second time";
  }
}

TEST(TimestampCheck, RefusesWhatDoesNotExist) {
  TimestampCheck after_others;
  for (const std::string& text : kMissing) {
    TimestampCheck check;
    EXPECT_FALSE(check.is_valid(text)) << text;
    EXPECT_TRUE(after_others.is_valid("2013-01-18T12:34:56.789012Z"));
    EXPECT_FALSE(after_others.is_valid(text)) << text;
    EXPECT_FALSE(after_others.is_valid(text)) << text << ", the second time";
  }
}

TEST(TimestampCheck, AcceptsNoTruncation) {
  const std::string text = "2013-01-18T12:34:56.789012Z";
  TimestampCheck check;
  ASSERT_TRUE(check.is_valid(text));
  for (std::size_t size = 0; size < std::string("2013-01-18T12:34:56").size(); ++size) {
    EXPECT_FALSE(check.is_valid(text.substr(0, size))) << size;
  }
}

TEST(TimestampCheck, DecidesAsAFreshOneWhateverItSawBefore) {
  const std::string good = "2013-01-18T12:34:56.789012Z";
  std::mt19937 random(23);
  TimestampCheck with_memory;
  std::size_t valid = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = good;
    const std::string_view bytes = "0123456789-:.TZ+ ";
    for (auto i = random() % 3; i > 0; --i) text[random() % text.size()] = bytes[random() % 17];
    TimestampCheck fresh;
    const bool expected = fresh.is_valid(text);
    ASSERT_EQ(with_memory.is_valid(text), expected) << text;
    valid += expected ? 1 : 0;
  }
  EXPECT_GT(valid, 16'000U);
}

TEST(TimestampCheck, RefusesNulsBeforeItHasSeenAnything) {
  EXPECT_FALSE(TimestampCheck().is_valid(std::string(20, '\0') + "000000Z"));
}

TEST(TimestampCheck, KnowsEveryByteOfTheFraction) {
  const std::string good = "2013-01-18T12:34:56.789012Z";
  TimestampCheck check;
  ASSERT_TRUE(check.is_valid(good));
  for (std::size_t at = 19; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      const bool is_digit = value >= '0' && value <= '9';
      const bool is_end = at == 26 && (is_digit || value == 'Z' || value == 'z');
      const bool expected = at == 19 ? value == '.' : at == 26 ? is_end : is_digit;
      std::string text = good;
      text[at] = static_cast<char>(value);
      EXPECT_EQ(check.is_valid(text), expected) << at << ' ' << value;
    }
  }
}

/// A message with this time stamp, in the form that senders write or, with an escaped `v`, in one
/// that only the general parser reads.
std::string message_at(const std::string& time, bool is_plain) {
  return envelope(
      {{"timestamp", "\"" + time + "\""}, {"env_version", is_plain ? "\"v\"" : R"("\u0076")"}});
}

// By the scan (a new shape), by the trie of known shapes, and by the parser.
TEST(Decoder, DecidesOnATimestampTheSameOnEveryWay) {
  Decoding decoding;
  const auto outcomes_of = [&](const std::string& time) {
    Decoding scanning;
    return std::vector<std::string>{
        scanning.outcome(message_at(time, true)), decoding.outcome(message_at(time, true)),
        decoding.outcome(message_at(time, true)), decoding.outcome(message_at(time, false))};
  };
  for (const std::string& time : kExisting) {
    EXPECT_EQ(outcomes_of(time), std::vector<std::string>(4, "accepted")) << time;
  }
  for (std::string time : kMissing) {
    if (time.ends_with('\n')) time.replace(time.size() - 1, 1, "\\n");
    EXPECT_EQ(outcomes_of(time), std::vector<std::string>(4, "bad_timestamp")) << time;
  }
  EXPECT_EQ(decoding.outcome(message_at("2013-01-18T12:34:56.78901\\u0032Z", true)), "accepted");
}

TEST(Decoder, TakesAnyTimestampWhenAsked) {
  Decoding decoding({.any_timestamp = true});
  for (const char* time : {"", "x", "2013-02-30T25:61:61Z"}) {
    EXPECT_EQ(decoding.outcome(message_at(time, true)), "accepted");
    EXPECT_EQ(decoding.message().timestamp, time);
  }
}

TEST(Decoder, SaysWhatElseIsWrongBeforeItLooksAtTheTimestamp) {
  Decoding decoding;
  EXPECT_EQ(decoding.outcome(envelope({{"timestamp", "\"x\""}, {"severity", "\"six\""}})),
            "wrong_type");
  EXPECT_EQ(decoding.outcome(envelope({{"timestamp", "\"x\""}, {"logger", ""}})), "missing_key");
  EXPECT_EQ(decoding.outcome(envelope({{"timestamp", "7"}})), "wrong_type");
}

}  // namespace
}  // namespace metlog
