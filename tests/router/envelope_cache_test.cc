#include "tools/router/decode/envelope_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/router/envelope.h"
#include "tools/router/decode/envelope_scan.h"
#include "tools/router/input/frame.h"

namespace metlog {
namespace {

/// Scans texts one after the other with one cache.
class CachedScan {
 public:
  bool scan(const std::string& text) {
    return on(text, [this](std::string_view whole) {
      return scan_envelope(whole, 64, cache_, message_, memory_);
    });
  }
  /// True when the text has a shape that was scanned before.
  bool knows(const std::string& text) {
    return on(text, [this](std::string_view whole) {
      unsigned high_bits = 0;
      return cache_.trie.match(whole, message_, memory_, high_bits);
    });
  }
  const DecodedMessage& message() const { return message_; }

 private:
  template <class Ask>
  bool on(const std::string& text, Ask ask) {
    padded_ = text + std::string(kFramePadding, '}');
    memory_.clear();
    message_.raw = std::string_view(padded_).substr(0, text.size());
    return ask(message_.raw);
  }

  EnvelopeCache cache_;
  std::string padded_;
  MessageMemory memory_;
  DecodedMessage message_;
};

std::string with(const std::string& payload, const std::string& fields = R"({"a":1,"b":"x"})",
                 const EnvelopeParts& others = {}) {
  EnvelopeParts parts = others;
  parts["payload"] = payload;
  parts["fields"] = fields;
  return envelope(parts);
}

TEST(EnvelopeCache, KnowOtherValuesInTheSamePlaces) {
  CachedScan texts;
  const std::string time = "\"2026-11-26T15:00:00.000001Z\"";
  EXPECT_FALSE(texts.knows(with("7")));
  ASSERT_TRUE(texts.scan(with("7")));
  EXPECT_TRUE(texts.knows(with("8")));
  EXPECT_TRUE(texts.knows(with("-1.25e3", R"({"a":null,"b":"\u00e9 longer"})")));
  ASSERT_TRUE(texts.knows(with(R"("text")", R"({"a":"","b":true})", {{"timestamp", time}})));
  EXPECT_EQ(texts.message().timestamp, time.substr(1, time.size() - 2));
  EXPECT_EQ(texts.message().type, "oldstyle");
  EXPECT_EQ(texts.message().logger, "app");
  EXPECT_EQ(texts.message().env_version, "0.8");
  EXPECT_EQ(texts.message().hostname, "host");
  EXPECT_EQ(texts.message().severity, 6);
  EXPECT_EQ(texts.message().pid, 123);
}

TEST(EnvelopeCache, DoNotKnowWhatDiffersInAnythingElse) {
  CachedScan texts;
  ASSERT_TRUE(texts.scan(with("7")));
  EXPECT_FALSE(texts.knows(with("[]")));
  EXPECT_FALSE(texts.knows(with("07")));
  EXPECT_FALSE(texts.knows(with("")));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":1,"c":"x"})")));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":1})")));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":1,"b":"x","c":2})")));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":{},"b":"x"})")));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":1,"b":"x"})", {{"severity", "5"}})));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":1,"b":"x"})", {{"timestamp", "7"}})));
  EXPECT_FALSE(texts.knows(with("7", R"({"a":1,"b":"x"})", {{"timestamp", R"("\u0030")"}})));
  EXPECT_FALSE(texts.knows(with("7") + "}"));
  const std::string whole = with("7");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(texts.knows(whole.substr(0, size))) << size;
  }
}

TEST(EnvelopeCache, AreNotOfTextsThatWereRefused) {
  CachedScan texts;
  const std::string bad_key = with("7", "{\"caf\xc3\":1,\"b\":\"x\"}");
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(texts.scan(bad_key));
    EXPECT_FALSE(texts.knows(bad_key));
  }
}

TEST(EnvelopeCache, LookAtTheCharactersOfValuesEachTime) {
  CachedScan texts;
  ASSERT_TRUE(texts.scan(with(R"("plain")")));
  EXPECT_TRUE(texts.scan(with("\"caf\xc3\xa9\"")));
  EXPECT_FALSE(texts.scan(with("\"caf\xc3\"")));
}

TEST(EnvelopeCache, AreOfAFewValuesAndOfShortTexts) {
  for (const std::size_t count : {ScalarSpans::kMax - 2, ScalarSpans::kMax - 1}) {
    std::string fields = "{";
    for (std::size_t i = 0; i < count; ++i) {
      fields.append(i == 0 ? "\"" : ",\"").append(std::to_string(i)).append("\":1");
    }
    fields.append("}");
    CachedScan texts;
    ASSERT_TRUE(texts.scan(with("7", fields)));
    // The time and the payload are scalars, too.
    EXPECT_EQ(texts.knows(with("7", fields)), count + 2 <= ScalarSpans::kMax);
  }
  // A text that is longer only by its three scalars.
  const std::string time = "\"2013-01-18T12:34:56.789012Z\"";
  const std::size_t values = time.size() + 2;
  const std::size_t others = with("7", R"({"":1})").size() - values;
  for (const std::size_t bytes : {EnvelopeTrie::kMaxBytes, EnvelopeTrie::kMaxBytes + 1}) {
    std::string fields = "{\"";
    fields.append(bytes - others, 'k').append("\":1}");
    const std::string text = with("7", fields);
    ASSERT_EQ(text.size() - values, bytes);
    CachedScan texts;
    ASSERT_TRUE(texts.scan(text));
    EXPECT_EQ(texts.knows(text), bytes == EnvelopeTrie::kMaxBytes);
  }
}

TEST(EnvelopeCache, AreOfTextsWithLongValuesToo) {
  CachedScan texts;
  const std::string payload = std::string("\"").append(10'000, 'p').append("\"");
  ASSERT_TRUE(texts.scan(with(payload)));
  EXPECT_TRUE(texts.knows(with(payload)));
}

TEST(EnvelopeCache, HoldEmptyTextsAndKeysBesideTheNine) {
  CachedScan texts;
  const EnvelopeParts parts = {
      {"type", R"("")"}, {"logger", R"("")"}, {"a", "1"}, {"m", R"(["x"])"}, {"z", "null"}};
  ASSERT_TRUE(texts.scan(with("7", "{}", parts)));
  ASSERT_TRUE(texts.knows(with("8", "{}", parts)));
  EXPECT_EQ(texts.message().type, "");
  EXPECT_EQ(texts.message().logger, "");
  EXPECT_EQ(texts.message().hostname, "host");
}

// The shapes of many call sites are kept, whatever their order.
TEST(EnvelopeCache, AreOfManyShapesAtATime) {
  CachedScan texts;
  const auto text = [](int site, int value) {
    const std::string fields = std::string("{\"k").append(std::to_string(site / 8)).append("\":1}");
    const std::string logger = std::string("\"l").append(std::to_string(site % 8)).append("\"");
    return with(std::to_string(value), fields, {{"logger", logger}});
  };
  for (int site = 0; site < 100; ++site) ASSERT_TRUE(texts.scan(text(site, 1)));
  int known = 0;
  for (int site = 0; site < 100; ++site) {
    if (!texts.knows(text(site, 2))) continue;
    ++known;
    const std::string logger = std::string("l").append(std::to_string(site % 8));
    ASSERT_EQ(texts.message().logger, logger);
  }
  EXPECT_GT(known, 30);  // after that many misses in a row most are not learnt
}

// Only the latest of many children are compared; another one is known once it occurred again.
TEST(EnvelopeCache, AreKnownAgainAfterManyOthers) {
  CachedScan texts;
  const auto text = [](int site) {
    const std::string logger = std::string("\"l").append(std::to_string(site)).append("\"");
    return with("7", "{}", {{"logger", logger}});
  };
  for (int site = 0; site < 30; ++site) ASSERT_TRUE(texts.scan(text(site)));
  EXPECT_FALSE(texts.knows(text(0)));
  ASSERT_TRUE(texts.scan(text(0)));
  EXPECT_TRUE(texts.knows(text(0)));
}

// More shapes than are kept: each is read correctly, and one that recurs is soon known.
TEST(EnvelopeCache, OutliveAStreamOfShapesThatNeverComeAgain) {
  CachedScan texts;
  for (int i = 0; i < 1'000; ++i) {
    const std::string fields = std::string("{\"k").append(std::to_string(i)).append("\":1}");
    ASSERT_TRUE(texts.scan(with("7", fields)));
  }
  int scans = 0;
  while (!texts.knows(with("7"))) {
    ASSERT_TRUE(texts.scan(with("7")));
    ASSERT_LT(++scans, 100);
  }
}

}  // namespace
}  // namespace metlog
