// Messages of other clients of the envelope, and of the original with values that JSON lacks.

#include "tools/router/decode/envelope_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

using testing::HasSubstr;

/// The names of what was repaired.
std::vector<std::string> repairs_of(const DecodedMessage& message) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRepairCount; ++i) {
    const auto repair = static_cast<Repair>(i);
    if (message.repairs.has(repair)) names.emplace_back(name_of(repair));
  }
  return names;
}

/// Decodes, and checks that what is passed on needs no repair any more.
void expect_repaired(Decoding& decoding, const std::string& text,
                     const std::vector<std::string>& repairs) {
  ASSERT_EQ(decoding.outcome(text), "accepted") << text;
  EXPECT_EQ(repairs_of(decoding.message()), repairs) << text;
  Decoding next;
  ASSERT_EQ(next.outcome(decoding.message().raw), "accepted") << decoding.message().raw;
  EXPECT_FALSE(next.message().repairs.any()) << decoding.message().raw;
  EXPECT_EQ(next.message().severity, decoding.message().severity);
  EXPECT_EQ(next.message().type, decoding.message().type);
}

TEST(EnvelopeRepair, ReplacesNumbersThatJsonLacks) {
  Decoding decoding;
  for (const char* const value : {"NaN", "Infinity", "-Infinity"}) {
    expect_repaired(decoding, envelope({{"payload", value}}), {"not_a_number"});
    EXPECT_EQ(decoding.message().payload().kind, JsonValue::Kind::kNull);
  }
  expect_repaired(decoding, envelope({{"fields", R"({"a": [NaN, 1], "b": "NaN"})"}}),
                  {"not_a_number"});
  EXPECT_EQ(decoding.message().field("a", 0).kind, JsonValue::Kind::kNull);
  EXPECT_EQ(decoding.message().field("b").text, "NaN");
  for (const char* const value : {"nan", "-NaN", "Infinit", "+Infinity", "NaNNaN", "NaN1"}) {
    EXPECT_NE(decoding.outcome(envelope({{"payload", value}})), "accepted") << value;
  }
}

TEST(EnvelopeRepair, ReplacesHalvesOfSurrogatePairs) {
  Decoding decoding;
  const std::string bad = "\xef\xbf\xbd";  // U+FFFD
  const std::vector<std::pair<std::string, std::string>> rows = {
      {R"("\ud800")", bad},
      {R"("\uDC00x")", bad + "x"},
      {R"("a\ud800\u0041")", "a" + bad + "A"},
      {R"("\ud800\ud83d\ude00")", bad + "\xf0\x9f\x98\x80"},
      {R"("\udbff\\")", bad + "\\"},
      {R"("\ud800\n")", bad + "\n"}};
  for (const auto& [json, text] : rows) {
    expect_repaired(decoding, envelope({{"payload", json}}), {"lone_surrogate"});
    EXPECT_EQ(decoding.message().payload().text, text) << json;
  }
  expect_repaired(decoding, envelope({{"payload", R"("\ud83d\ude00 \\ud800")"}}), {});
  expect_repaired(decoding, envelope({{"logger", R"("\ud800")"}}), {"lone_surrogate"});
  EXPECT_EQ(decoding.message().logger, bad);
}

TEST(EnvelopeRepair, PassesIntegersOfAnySize) {
  Decoding decoding;
  for (const std::string number :
       {"18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"}) {
    expect_repaired(decoding, envelope({{"fields", R"({"n":)" + number + "}"}}), {});
    EXPECT_THAT(std::string(decoding.message().raw), HasSubstr("\"n\":" + number));
    EXPECT_EQ(decoding.message().field("n").json, number);
    EXPECT_DOUBLE_EQ(decoding.message().field("n").number, std::stod(number));
  }
  expect_repaired(decoding, envelope({{"payload", std::string(300, '9')}}), {});
  EXPECT_EQ(decoding.outcome(envelope({{"payload", std::string(310, '9')}})), "bad_number");
  EXPECT_EQ(decoding.outcome(envelope({{"severity", "18446744073709551616"}})), "wrong_type");
}

TEST(EnvelopeRepair, TakesIntegersInDisguise) {
  Decoding decoding;
  for (const char* const value : {"\"4\"", "4.0", "4e0", "\"-4\"", "-4.0"}) {
    for (const char* const key : {"severity", "metlog_pid"}) {
      expect_repaired(decoding, envelope({{key, value}}), {"number_as_text"});
      const DecodedMessage& message = decoding.message();
      const std::int64_t number =
          key == std::string_view("severity") ? message.severity : message.pid;
      EXPECT_EQ(number, std::string_view(value).find('-') == std::string_view::npos ? 4 : -4);
    }
  }
  for (const char* const value : {"\"\"", "\"4x\"", "\" 4\"", "4.5", "1e300", "\"0x4\"", "true"}) {
    EXPECT_EQ(decoding.outcome(envelope({{"severity", value}})), "wrong_type") << value;
  }
}

TEST(EnvelopeRepair, TakesTheMessageOutOfAnEventOfLogstash) {
  Decoding decoding;
  expect_repaired(decoding, R"({"@type":"outer","@tags":["a"],"@fields":)" + envelope() + "}",
                  {"logstash_form"});
  EXPECT_EQ(decoding.message().type, "oldstyle");
  EXPECT_THAT(std::string(decoding.message().raw), HasSubstr(R"("@type":"outer","@tags":["a"])"));
  // What the message lacks the event may have.
  const std::string rest =
      envelope({{"type", ""}, {"timestamp", ""}, {"payload", ""}, {"metlog_hostname", ""}});
  expect_repaired(decoding,
                  R"({"@type":"t","@timestamp":"2012-03-15T11:00:00Z","@message":"text",)"
                  R"("@source_host":"far","@tags":[],"@fields":)" +
                      rest + "}",
                  {"logstash_form"});
  EXPECT_EQ(decoding.message().type, "t");
  EXPECT_EQ(decoding.message().hostname, "far");
  EXPECT_EQ(decoding.message().payload().text, "text");
  EXPECT_EQ(decoding.outcome(R"({"@type":"t","@fields":{}})"), "missing_key");
  EXPECT_EQ(decoding.outcome(R"({"@type":"t","@fields":[]})"), "missing_key");
  // A message that has these keys besides its own is one.
  expect_repaired(decoding, envelope({{"@fields", "{\"type\":\"hijack\"}"}}), {});
  EXPECT_EQ(decoding.message().type, "oldstyle");
}

TEST(EnvelopeRepair, KnowsHekasKeys) {
  Decoding decoding;
  for (const std::string prefix : {"heka_", ""}) {
    expect_repaired(decoding,
                    envelope({{"metlog_pid", ""},
                              {"metlog_hostname", ""},
                              {prefix + "pid", "77"},
                              {prefix + "hostname", "\"far\""}}),
                    {"heka_keys"});
    EXPECT_EQ(decoding.message().pid, 77);
    EXPECT_EQ(decoding.message().hostname, "far");
  }
  expect_repaired(decoding, envelope({{"pid", "77"}}), {});
  EXPECT_NE(decoding.message().pid, 77);
}

TEST(EnvelopeRepair, ReplacesTimestampsWhereThatIsWanted) {
  DecoderLimits limits;
  limits.repair_timestamps = true;
  Decoding decoding(limits);
  const std::string right = "2012-03-15T11:00:00.500000Z";
  for (const char* const value : {"1331809200.5", "1331809200500", "1331809200500000",
                                  "1331809200500000000", "1331809200500.0"}) {
    expect_repaired(decoding, envelope({{"timestamp", value}}), {"timestamp"});
    EXPECT_EQ(decoding.message().timestamp, right) << value;
    EXPECT_THAT(std::string(decoding.message().raw),
                HasSubstr(std::string(R"("original_timestamp":)") + value));
  }
  for (const char* const value : {"\"\"", "\"yesterday\"", "null", "-1", "1e300", "[]"}) {
    expect_repaired(decoding, envelope({{"timestamp", value}}), {"timestamp"});
    EXPECT_GT(decoding.message().timestamp, "2026") << "the time of arrival";
  }
  expect_repaired(decoding, envelope(), {});
  EXPECT_EQ(Decoding().outcome(envelope({{"timestamp", "\"yesterday\""}})), "bad_timestamp");
  EXPECT_EQ(Decoding().outcome(envelope({{"timestamp", "1331809200"}})), "wrong_type");
}

TEST(EnvelopeRepair, ComesTogether) {
  Decoding decoding;
  expect_repaired(
      decoding,
      R"({"@fields":)" +
          envelope({{"severity", "\"3\""},
                    {"metlog_pid", ""},
                    {"heka_pid", "7.0"},
                    {"payload", "NaN"},
                    {"fields", R"({"n":99999999999999999999,"s":"\udfff"})"}}) +
          "}",
      {"not_a_number", "lone_surrogate", "number_as_text", "logstash_form", "heka_keys"});
  EXPECT_EQ(decoding.message().severity, 3);
  EXPECT_EQ(decoding.message().pid, 7);
  EXPECT_EQ(decoding.message().field("n").json, "99999999999999999999");
}

TEST(EnvelopeRepair, LeavesNothingOfARepairInTheNextMessage) {
  Decoding decoding;
  expect_repaired(decoding, envelope({{"severity", "\"3\""}}), {"number_as_text"});
  expect_repaired(decoding, envelope(), {});
}

}  // namespace
}  // namespace metlog
