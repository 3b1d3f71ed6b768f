#include "tools/metlogd/known_envelopes.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/router/envelope.h"
#include "tools/metlogd/envelope_scan.h"
#include "tools/metlogd/frame.h"

namespace metlog {
namespace {

/// Texts that are scanned one after the other, with what is remembered of those before.
class Remembering {
 public:
  bool scan(const std::string& text) {
    return on(text, [this](std::string_view whole) {
      return scan_envelope(whole, 64, known_, message_);
    });
  }
  /// Whether the text is of a shape that was scanned before.
  bool knows(const std::string& text) {
    return on(text, [this](std::string_view whole) {
      unsigned high_bits = 0;
      return known_.read(whole, message_, high_bits);
    });
  }
  const DecodedMessage& message() const { return message_; }

 private:
  template <class Ask>
  bool on(const std::string& text, Ask ask) {
    padded_ = text + std::string(kFramePadding, '}');
    return ask(std::string_view(padded_).substr(0, text.size()));
  }

  KnownEnvelopes known_;
  std::string padded_;
  DecodedMessage message_;
};

std::string with(const std::string& payload, const std::string& fields = R"({"a":1,"b":"x"})",
                 const EnvelopeParts& others = {}) {
  EnvelopeParts parts = others;
  parts["payload"] = payload;
  parts["fields"] = fields;
  return envelope(parts);
}

TEST(KnownEnvelopes, KnowOtherValuesInTheSamePlaces) {
  Remembering texts;
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

TEST(KnownEnvelopes, DoNotKnowWhatDiffersInAnythingElse) {
  Remembering texts;
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

TEST(KnownEnvelopes, AreNotOfTextsThatWereRefused) {
  Remembering texts;
  const std::string bad_key = with("7", "{\"caf\xc3\":1,\"b\":\"x\"}");
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(texts.scan(bad_key));
    EXPECT_FALSE(texts.knows(bad_key));
  }
}

TEST(KnownEnvelopes, LookAtTheCharactersOfValuesEachTime) {
  Remembering texts;
  ASSERT_TRUE(texts.scan(with(R"("plain")")));
  EXPECT_TRUE(texts.scan(with("\"caf\xc3\xa9\"")));
  EXPECT_FALSE(texts.scan(with("\"caf\xc3\"")));
}

TEST(KnownEnvelopes, AreOfAFewValuesAndOfShortTexts) {
  for (const std::size_t count : {ScannedLeaves::kMost - 2, ScannedLeaves::kMost - 1}) {
    std::string fields = "{";
    for (std::size_t i = 0; i < count; ++i) {
      fields += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    }
    Remembering texts;
    ASSERT_TRUE(texts.scan(with("7", fields + "}")));
    // Beside them stand the time and the payload.
    EXPECT_EQ(texts.knows(with("7", fields + "}")), count + 2 <= ScannedLeaves::kMost);
  }
  const std::string key(KnownShape::kMaxBytes, 'k');
  Remembering texts;
  ASSERT_TRUE(texts.scan(with("7", "{\"" + key + "\":1}")));
  EXPECT_FALSE(texts.knows(with("7", "{\"" + key + "\":1}")));
}

// More shapes than are kept, over and over: each is read right, and a steady one is soon known.
TEST(KnownEnvelopes, OutliveAStreamOfShapesThatNeverComeAgain) {
  Remembering texts;
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(texts.scan(with("7", "{\"k" + std::to_string(i) + "\":1}")));
  }
  int scans = 0;
  while (!texts.knows(with("7"))) {
    ASSERT_TRUE(texts.scan(with("7")));
    ASSERT_LT(++scans, 100);
  }
}

}  // namespace
}  // namespace metlog
