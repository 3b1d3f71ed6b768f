#include "tools/router/decode/decoder.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

using Kind = JsonValue::Kind;

TEST(Decoder, TakesAllNineKeys) {
  Decoding decoding;
  const std::string text = envelope({{"severity", "3"}, {"payload", "\"caf\\u00e9\""}});
  ASSERT_EQ(decoding.outcome(text), "accepted");
  const DecodedMessage& message = decoding.message();
  EXPECT_EQ(message.raw, text);
  EXPECT_EQ(message.type, "oldstyle");
  EXPECT_EQ(message.timestamp, "2013-01-18T12:34:56.789012Z");
  EXPECT_EQ(message.logger, "app");
  EXPECT_EQ(message.severity, 3);
  EXPECT_EQ(message.payload().kind, Kind::kText);
  EXPECT_EQ(message.payload().text, "caf\xc3\xa9");
  EXPECT_EQ(message.env_version, "0.8");
  EXPECT_EQ(message.pid, 123);
  EXPECT_EQ(message.hostname, "host");
}

TEST(Decoder, TakesAnyJsonValueAsPayload) {
  Decoding decoding;
  const std::vector<std::pair<std::string, Kind>> cases = {
      {"\"\"", Kind::kText},        {"7", Kind::kNumber},  {"-1.5e3", Kind::kNumber},
      {"true", Kind::kBool},        {"null", Kind::kNull}, {"[1,[2]]", Kind::kArray},
      {"{\"a\":{}}", Kind::kObject}};
  for (const auto& [payload, kind] : cases) {
    ASSERT_EQ(decoding.outcome(envelope({{"payload", payload}})), "accepted") << payload;
    EXPECT_EQ(decoding.message().payload().kind, kind) << payload;
  }
}

TEST(Decoder, FindsFieldsByKey) {
  Decoding decoding;
  const std::string fields =
      R"({"name":"incr","rate":0.25,"on":true,"none":null,"list":[1],"sub":{"name":"inner"}})";
  ASSERT_EQ(decoding.outcome(envelope({{"fields", fields}})), "accepted");
  const DecodedMessage& message = decoding.message();
  EXPECT_EQ(message.field("name").text, "incr");
  EXPECT_EQ(message.field("rate").number, 0.25);
  EXPECT_EQ(message.field("on").number, 1);
  EXPECT_EQ(message.field("none").kind, Kind::kNull);
  EXPECT_EQ(message.field("list").kind, Kind::kArray);
  EXPECT_EQ(message.field("sub").kind, Kind::kObject);
  EXPECT_EQ(message.field("absent").kind, Kind::kAbsent);
}

// The scan, the shapes seen before and the parser each find the places in a way of their own.
TEST(Decoder, FindsPlacesHoweverItReadsTheMessage) {
  for (const std::string blank : {"", "\t"}) {
    Decoding decoding;
    for (int i = 0; i < 40; ++i) {
      const std::string number = std::to_string(i * i * i);
      const std::string fields = R"({"a":"x\n)" + number + R"(","empty":{},"list":[)" + number +
                                 R"(,{"b":"y"}],"flag":true,"o":{"p.q":[ ],"r":{"s":)" + number +
                                 R"(}},"last":)" + number + "}";
      const std::string payload = R"({"p":[")" + number + R"("]})";
      std::string text = envelope({{"fields", fields}, {"payload", payload}});
      text.insert(1, blank);
      ASSERT_EQ(decoding.outcome(text), "accepted");
      const DecodedMessage& message = decoding.message();
      ASSERT_EQ(message.payload().json, payload);
      ASSERT_EQ(message.field("a").text, "x\n" + number);
      ASSERT_EQ(message.field("empty").json, "{}");
      ASSERT_EQ(message.field("list").json, "[" + number + R"(,{"b":"y"}])");
      ASSERT_EQ(message.field("flag").kind, Kind::kBool);
      ASSERT_EQ(message.field("last").number, i * i * i);
      ASSERT_EQ(message.field("b").kind, Kind::kAbsent);
      ASSERT_EQ(message.payload_text(), payload);
      ASSERT_EQ(message.field("last", 0).integer, i * i * i);
      ASSERT_EQ(message.field("last", 1).kind, Kind::kAbsent);
      ASSERT_EQ(message.field("list", 0).integer, i * i * i);
      ASSERT_EQ(message.field("list", 1).json, R"({"b":"y"})");
      ASSERT_EQ(message.field("list", 2).kind, Kind::kAbsent);
      ASSERT_EQ(message.field("o.p.q", 0).kind, Kind::kAbsent);
      ASSERT_EQ(message.field("o.r.s", 0).integer, i * i * i);
      ASSERT_EQ(message.field("o.r", 0).kind, Kind::kObject);
      ASSERT_EQ(message.field("o.s", 0).kind, Kind::kAbsent);
    }
  }
}

TEST(Decoder, FindsKeysThatHaveEscapes) {
  Decoding decoding;
  std::string text = envelope({{"fields", R"({"n\u0061me":"x","\"":1})"}, {"payload", ""}});
  text.insert(1, R"("p\u0061yload":7,)");
  ASSERT_EQ(decoding.outcome(text), "accepted");
  EXPECT_EQ(decoding.message().payload().number, 7);
  EXPECT_EQ(decoding.message().field("name").text, "x");
  EXPECT_EQ(decoding.message().field("\"").number, 1);
}

// What other threads read must not be what the decoder uses for the next message.
TEST(Decoder, LeavesWhatItReadInTheMemoryThatItWasGiven) {
  Decoder decoder{DecoderLimits()};
  MessageMemory memory(64);
  std::vector<std::string> texts;
  std::vector<DecodedMessage> messages(4'000);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string name = "\"k" + std::to_string(i / 3) + "\":";
    std::string fields = "{" + name + std::to_string(i) + "}";
    if (i % 5 == 0) fields = "{" + name + "0," + name + std::to_string(i) + "}";  // written again
    texts.push_back(
        envelope({{"fields", fields}, {"type", i % 7 == 0 ? R"("\u0041")" : R"("A")"}}));
    texts.back().append(kFramePadding, '}');
    const std::string_view text(texts.back());
    const MessageBytes bytes{text.substr(0, text.size() - kFramePadding), 1};
    // Texts stay where they are: a short string would move with the vector.
    ASSERT_FALSE(decoder.decode(bytes, messages[i], memory).has_value());
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ASSERT_EQ(messages[i].type, "A");
    ASSERT_EQ(messages[i].field("k" + std::to_string(i / 3)).number, static_cast<double>(i));
  }
}

TEST(Decoder, MissesNoneOfTheNineKeys) {
  Decoding decoding;
  for (const char* key : {"type", "timestamp", "logger", "severity", "payload", "fields",
                          "env_version", "metlog_pid", "metlog_hostname"}) {
    EXPECT_EQ(decoding.outcome(envelope({{key, ""}})), "missing_key") << key;
  }
  EXPECT_EQ(decoding.outcome("{}"), "missing_key");
}

TEST(Decoder, WantsTheRightTypes) {
  Decoding decoding;
  for (const char* key : {"type", "timestamp", "logger", "env_version", "metlog_hostname"}) {
    for (const char* value : {"1", "null", "[]", "{}", "true"}) {
      EXPECT_EQ(decoding.outcome(envelope({{key, value}})), "wrong_type") << key << value;
    }
  }
  for (const char* key : {"severity", "metlog_pid"}) {
    for (const char* value : {"\"six\"", "6.5", "null", "9223372036854775808", "[]", "true"}) {
      EXPECT_EQ(decoding.outcome(envelope({{key, value}})), "wrong_type") << key << value;
    }
  }
  for (const char* value : {"\"\"", "null", "[]", "1"}) {
    EXPECT_EQ(decoding.outcome(envelope({{"fields", value}})), "wrong_type") << value;
  }
}

TEST(Decoder, TakesAnySeverityThatAnIntegerHolds) {
  Decoding decoding;
  ASSERT_EQ(decoding.outcome(envelope({{"severity", "-9223372036854775808"}})), "accepted");
  EXPECT_EQ(decoding.message().severity, std::numeric_limits<std::int64_t>::min());
}

TEST(Decoder, LetsFurtherKeysThrough) {
  Decoding decoding;
  EXPECT_EQ(decoding.outcome(envelope({{"@type", "\"hijack\""}, {"x", "[1]"}})), "accepted");
  EXPECT_EQ(decoding.message().type, "oldstyle");
}

TEST(Decoder, TakesTheLastValueOfAKeyThatStandsThereTwice) {
  Decoding decoding;
  for (const std::string key : {"type", "t\\u0079pe"}) {  // the second in disguise
    std::string text = envelope();
    text.insert(text.size() - 1, ",\"" + key + "\":\"other\"");
    EXPECT_EQ(decoding.outcome(text), "accepted");
    EXPECT_EQ(decoding.message().type, "other");
    EXPECT_EQ(decoding.message().raw.find("oldstyle"), std::string_view::npos);
    EXPECT_TRUE(decoding.message().is_one_line);
  }
  // Only the last value must have the right type.
  std::string text = envelope();
  text.insert(1, R"("severity":"none",)");
  EXPECT_EQ(decoding.outcome(text), "accepted");
  text.insert(text.size() - 1, R"(,"severity":"none")");
  EXPECT_EQ(decoding.outcome(text), "wrong_type");
}

TEST(Decoder, TakesTheLastValueOfAKeyThatAnyObjectHasTwice) {
  Decoding decoding;
  for (int seen_before = 0; seen_before < 3; ++seen_before) {
    EXPECT_EQ(decoding.outcome(envelope({{"fields", R"({"a":1,"b":2,"a":3})"}})), "accepted");
    EXPECT_EQ(decoding.message().field("a").number, 3);
    EXPECT_EQ(decoding.message().raw, envelope({{"fields", R"({"b":2,"a":3})"}}));
    const std::string nested = R"([{"x":"\"","x":1.5,"\u0078":null}])";
    EXPECT_EQ(decoding.outcome(envelope({{"payload", nested}})), "accepted");
    EXPECT_EQ(decoding.message().raw, envelope({{"payload", R"([{"x":null}])"}}));
    EXPECT_EQ(decoding.outcome(envelope({{"x", "1"}})), "accepted");
  }
  std::string text = envelope({{"more", "1"}});
  text.insert(text.size() - 1, ",\"more\":2");
  EXPECT_EQ(decoding.outcome(text), "accepted");
  std::string last = envelope();
  last.insert(last.size() - 1, ",\"more\":2");
  EXPECT_EQ(decoding.message().raw, last);
}

TEST(Decoder, FindsAKeyThatStandsTwiceAmongMany) {
  Decoding decoding;
  std::string fields = "{";
  for (int i = 0; i < 1'000; ++i) fields += "\"k" + std::to_string(i) + "\":0,";
  const std::string once = envelope({{"fields", fields + "\"z\":1}"}});
  EXPECT_EQ(decoding.outcome(once), "accepted");
  EXPECT_EQ(decoding.message().raw, once);
  EXPECT_EQ(decoding.outcome(envelope({{"fields", fields + "\"k0\":1}"}})), "accepted");
  EXPECT_EQ(decoding.message().field("k0").number, 1);
  EXPECT_EQ(decoding.message().field("k999").number, 0);
}

TEST(Decoder, IgnoresBlanksAroundTheText) {
  Decoding decoding;
  EXPECT_EQ(decoding.outcome(envelope() + "\n"), "accepted");
  EXPECT_EQ(decoding.outcome(" \t\r\n" + envelope() + "\r\n"), "accepted");
  EXPECT_EQ(decoding.message().raw, envelope());
}

TEST(Decoder, TakesAMessageOfTheLimitAndNoLonger) {
  const std::string text = envelope();
  Decoding exact({.message_bytes = text.size(), .depth = 8});
  EXPECT_EQ(exact.outcome(text), "accepted");
  EXPECT_EQ(exact.outcome(text + " "), "too_long");
  EXPECT_EQ(exact.outcome(text), "accepted");
}

TEST(Decoder, RefusesAFrameThatWasCut) {
  Decoding decoding;
  std::string text = envelope();
  const std::size_t size = text.size();
  text.append(kFramePadding, ' ');
  DecodedMessage message;
  const MessageBytes cut{std::string_view(text).substr(0, size), 300'000};
  EXPECT_EQ(decoding.decoder().decode(cut, message), RejectReason::kTooLong);
}

TEST(Decoder, KnowsTheEnginesOwnMessages) {
  Decoding decoding;
  for (const char* type : {"\"metlog.loss\"", "\"metlog.clock\"", "\"metlog.stats\""}) {
    ASSERT_EQ(decoding.outcome(envelope({{"type", type}})), "accepted");
    EXPECT_TRUE(decoding.message().is_engine_message());
  }
  ASSERT_EQ(decoding.outcome(envelope({{"type", "\"metlog.lossy\""}})), "accepted");
  EXPECT_FALSE(decoding.message().is_engine_message());
}

}  // namespace
}  // namespace metlog
