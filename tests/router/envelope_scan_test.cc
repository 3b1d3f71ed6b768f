#include "tools/router/decode/envelope_scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

bool is_scanned(std::string text, std::size_t depth = 64) {
  const std::size_t size = text.size();
  text.append(kFramePadding, '}');
  DecodedMessage message;
  EnvelopeCache cache;
  MessageMemory memory;
  const std::string_view whole = std::string_view(text).substr(0, size);
  const bool is_read = scan_envelope(whole, depth, cache, message, memory);
  EXPECT_EQ(scan_envelope(whole, depth, cache, message, memory), is_read)
      << "with its members cached";
  return is_read;
}

bool is_scanned_with_payload(const std::string& payload) {
  return is_scanned(envelope({{"payload", payload}}));
}

/// The scan takes no tab, so a tab makes the parser read the same message.
std::string for_the_parser(const std::string& text) { return "{\t" + text.substr(1); }

/// Checks that scan and parser have the same outcome and read the same.
void expect_agreement(Decoding& scan, Decoding& parser, const std::string& text) {
  const std::string outcome = scan.outcome(text);
  ASSERT_EQ(outcome, parser.outcome(for_the_parser(text))) << text;
  if (outcome != "accepted") return;
  const DecodedMessage& a = scan.message();
  const DecodedMessage& b = parser.message();
  ASSERT_FALSE(b.is_one_line);
  ASSERT_EQ(a.type, b.type);
  ASSERT_EQ(a.timestamp, b.timestamp);
  ASSERT_EQ(a.logger, b.logger);
  ASSERT_EQ(a.env_version, b.env_version);
  ASSERT_EQ(a.hostname, b.hostname);
  ASSERT_EQ(a.severity, b.severity) << text;
  ASSERT_EQ(a.pid, b.pid) << text;
  ASSERT_EQ(a.payload().kind, b.payload().kind) << text;
  ASSERT_EQ(a.payload().text, b.payload().text) << text;
  ASSERT_EQ(a.payload().json, b.payload().json) << text;
  ASSERT_EQ(b.places, nullptr);
  for (const char* key : {"name", "rate", "l", "a"}) {
    ASSERT_EQ(a.field(key).kind, b.field(key).kind) << key << text;
    ASSERT_EQ(a.field(key).json, b.field(key).json) << key << text;
  }
}

TEST(EnvelopeScan, TakesWhatSendersWrite) {
  EXPECT_TRUE(is_scanned(envelope()));
  EXPECT_TRUE(is_scanned(envelope({{"fields", R"({"name":"n","rate":0.1,"l":[1,{},[]]})"}})));
  EXPECT_TRUE(is_scanned(envelope({{"fields", R"({"a": 1, "b": [1, 2]})"}})));
  for (const char* payload :
       {"0", "-1", "1.5", "12345678901234567", "1e22", "1.5E-07", "true", "false", "null", "{}",
        "[]", R"("")", R"("\"\\\/\b\f\n\r\t\u001f\uD7ff")", "\"caf\xc3\xa9 \xf0\x9f\x98\x80\""}) {
    EXPECT_TRUE(is_scanned_with_payload(payload)) << payload;
  }
}

TEST(EnvelopeScan, LeavesTheRestToTheParser) {
  for (const char* payload : {"01",        "1.",          ".5",          "+1",
                              "1e",        "1e+",         "1e400",       "123456789012345678",
                              "tru",       "nul",         "\"\xff\"",    R"("\x")",
                              R"("\u12")", R"("\ud800")", R"("\uDC00")", "\"a\nb\"",
                              "[1,]",      "[,1]",        "{\"a\"}",     "{\"a\":}",
                              "{,}",       "[1 ]",        "[\t1]",       "\"",
                              "",          "1x",          "[[[}]]"}) {
    EXPECT_FALSE(is_scanned_with_payload(payload)) << payload;
  }
  EXPECT_FALSE(is_scanned(envelope({{"type", R"("\u0041")"}})));
  EXPECT_FALSE(is_scanned(envelope({{"severity", "6.0"}})));
  EXPECT_FALSE(is_scanned(envelope({{"fields", "[]"}})));
  EXPECT_FALSE(is_scanned(envelope({{"logger", ""}})));
  EXPECT_FALSE(is_scanned(envelope({{"type", "\"a\",\"type\":\"b\""}})));
  EXPECT_FALSE(is_scanned(envelope() + " "));
  EXPECT_FALSE(is_scanned(envelope({{"payload", nested(40)}})));
}

TEST(EnvelopeScan, StaysBelowTheDepthThatWasAskedFor) {
  Decoding decoding({.message_bytes = 1000, .depth = 8});
  for (std::size_t depth = 1; depth < 20; ++depth) {
    const std::string text = envelope({{"payload", nested(depth)}});
    if (is_scanned(text, 8)) {
      EXPECT_FALSE(decoding.decode(for_the_parser(text)).has_value());
    }
  }
}

TEST(EnvelopeScan, ReadsNothingBehindTheText) {
  const std::string text = envelope({{"payload", R"("\u00e9\n")"}, {"fields", R"({"a":[1.5e3]})"}});
  EnvelopeCache cache;
  MessageMemory memory;
  for (const bool is_cached : {false, true}) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      std::string cut = text + std::string(kFramePadding, '}');
      DecodedMessage message;
      EXPECT_FALSE(scan_envelope(std::string_view(cut).substr(0, size), 64, cache, message, memory))
          << size;
    }
    DecodedMessage message;
    const std::string whole = text + std::string(kFramePadding, '}');
    EXPECT_TRUE(
        scan_envelope(std::string_view(whole).substr(0, text.size()), 64, cache, message, memory))
        << is_cached;
  }
}

// In the order of the engine, which puts the constant members before the time.
std::string head_first(int severity, const std::string& host, int payload) {
  return R"({"type":"t","logger":"l","severity":)" + std::to_string(severity) +
         R"(,"env_version":"0.8","metlog_pid":1,"metlog_hostname":)" + host +
         R"(,"timestamp":"2013-01-18T12:34:56.789012Z","payload":)" + std::to_string(payload) +
         R"(,"fields":{"k)" + std::to_string(payload) + R"(":1}})";
}

// So few heads that all are cached from the second round on; each round has its own field, so that
// the trie knows none.
TEST(EnvelopeScan, TellsSendersWithAlmostTheSameHeadApart) {
  for (const char* host : {R"("a")", R"("aa")", "\"caf\xc3\xa9\"", "\"caf\xc3\""}) {
    Decoding scan;
    Decoding parser;
    for (int round = 0; round < 3; ++round) {
      for (int severity = 0; severity < 6; ++severity) {
        expect_agreement(scan, parser, head_first(severity, host, round));
      }
    }
  }
}

// With the right text known, each of its bytes is replaced, left out, and doubled.
TEST(EnvelopeScan, AgreesWithTheParserAboutEveryByteOfAKnownShape) {
  Decoding scan;
  Decoding parser;
  for (const std::string& good :
       {head_first(6, "\"caf\xc3\xa9\"", 17),
        envelope({{"payload", R"("p q")"}, {"fields", R"({"name":"n","l":[-1.5e3,true]})"}})}) {
    for (std::size_t at = 1; at < good.size(); ++at) {
      for (const char sign : std::string("\"\\{}[]:,09-.et \x80\x01")) {
        ASSERT_EQ(scan.outcome(good), parser.outcome(good));
        std::string text = good;
        text[at] = sign;
        ASSERT_NO_FATAL_FAILURE(expect_agreement(scan, parser, text));
      }
      std::string text = good;
      text.insert(at, 1, text[at]);
      ASSERT_NO_FATAL_FAILURE(expect_agreement(scan, parser, text));
      text.erase(at, 2);
      ASSERT_NO_FATAL_FAILURE(expect_agreement(scan, parser, text));
    }
  }
}

TEST(EnvelopeScan, AgreesWithTheParserInAStormOfMutations) {
  Decoding scan;
  Decoding parser;
  std::mt19937 random(20130119);
  const std::string signs = "\"\\{}[]:,0123456789-+.eEtrufalsn dDu \x80\xc3\xa9\x01";
  const std::vector<std::string> good = {
      envelope({{"fields", R"({"name":"a\u00e9","rate":0.1,"l":[{},[]]})"}}),
      envelope({{"payload", R"(-12.5e-3)"}, {"fields", R"({"name":"\ud83d\ude00"})"}}),
      envelope({{"payload", R"([1,2.5,"x",true,null,{"a":{"b":[]}}])"}})};
  for (int round = 0; round < 60'000; ++round) {
    std::string text = good[random() % good.size()];
    for (unsigned i = random() % 4; i > 0; --i) {
      const std::size_t at = 1 + random() % (text.size() - 1);
      const char sign = signs[random() % signs.size()];
      switch (random() % 3) {
        case 0:
          text[at] = sign;
          break;
        case 1:
          text.insert(at, 1, sign);
          break;
        default:
          text.erase(at, 1);
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_agreement(scan, parser, text));
  }
}

}  // namespace
}  // namespace metlog
