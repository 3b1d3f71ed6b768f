// Bodies of Elasticsearch and Loki, and what their answers mean. What they look like as a whole is
// checked end to end: metlogd_backends_test.py.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/backend/elasticsearch.h"
#include "tools/router/backend/loki.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Kind = ItemResult::Kind;

TEST(MessageTemplate, PutsPartsOfAMessageIntoAText) {
  Decoding decoding;
  ASSERT_EQ(decoding.outcome(envelope({{"fields", R"({"a":{"b":"x"},"n":1.5,"l":{}})"}})),
            "accepted");
  std::string text;
  const auto made = MessageTemplate::parse(
      "a%%%{Type}/%{Logger}/%{Severity}/%{Level}/%{Hostname}/%{Pid}/%{EnvVersion}/"
      "%{Fields[a.b]}/%{Fields[n]}/%{Fields[l]}/%{Fields[none]}!");
  ASSERT_TRUE(made.ok()) << made.status();
  made->append_to(text, decoding.message());
  EXPECT_EQ(text, "a%oldstyle/app/6/info/host/123/0.8/x/1.5//!");
  for (const char* const wrong : {"%", "%x", "%{", "%{Logger", "%{logger}", "%{Fields[]}", "%{}"}) {
    EXPECT_FALSE(MessageTemplate::parse(wrong).ok()) << wrong;
  }
}

TEST(IndexName, IsOneThatElasticsearchTakes) {
  EXPECT_EQ(index_name("logs-Shop/DB-default"), "logs-shop_db-default");
  EXPECT_EQ(index_name("-_+..a b\"\xc3\xa4#:"), "a_b_____");
  EXPECT_EQ(index_name("../.."), "");
  EXPECT_EQ(index_name("-_+."), "");
  EXPECT_EQ(index_name(std::string(300, 'a')).size(), BulkBody::kMaxIndexBytes);
}

TEST(BulkBody, HasAnIdOfItsOwnForEachMessage) {
  BulkBody encoder(*MessageTemplate::parse("%{Logger}"));
  const std::string message = envelope();
  std::string bodies[3];
  EXPECT_TRUE(encoder.add({.message = message, .stream = {}, .sequence = 7}, bodies[0]));
  EXPECT_TRUE(encoder.add({.message = message, .stream = {}, .sequence = 7}, bodies[1]));
  EXPECT_TRUE(encoder.add({.message = message, .stream = {}, .sequence = 8}, bodies[2]));
  EXPECT_EQ(bodies[0], bodies[1]);
  EXPECT_NE(bodies[0], bodies[2]);
  EXPECT_THAT(bodies[0], StartsWith(R"({"create":{"_index":"app","_id":"00000000000000000700)"));
  const std::string without_index = envelope({{"logger", "\"-\""}});
  EXPECT_FALSE(encoder.add({.message = without_index, .stream = {}}, bodies[0]));
  EXPECT_FALSE(encoder.add({.message = "{}", .stream = {}}, bodies[0]));
  EXPECT_EQ(bodies[0], bodies[1]);
}

/// Reads an answer to two documents.
BodyResult read_bulk(const std::string& body, std::vector<ItemResult>& items) {
  HttpAnswer answer;
  answer.status = 200;
  answer.body = body;
  items.assign(2, {});
  return BulkReader().read(answer, items);
}

TEST(BulkReader, GivesEachDocumentItsResult) {
  std::vector<ItemResult> items;
  EXPECT_EQ(read_bulk(R"({"errors":false})", items).kind, BodyResult::Kind::kSent);
  const auto kinds = [&](int first, int second) {
    const std::string body = R"({"errors":true,"items":[{"create":{"status":)" +
                             std::to_string(first) + R"(}},{"create":{"status":)" +
                             std::to_string(second) + "}}]}";
    EXPECT_EQ(read_bulk(body, items).kind, BodyResult::Kind::kItems);
    return std::pair(items[0].kind, items[1].kind);
  };
  EXPECT_EQ(kinds(201, 409), std::pair(Kind::kSent, Kind::kSent));
  EXPECT_EQ(kinds(429, 503), std::pair(Kind::kAgain, Kind::kAgain));
  EXPECT_EQ(kinds(400, 404), std::pair(Kind::kRefused, Kind::kRefused));
  EXPECT_EQ(items[1].detail, "404");
}

TEST(BulkReader, TellsTheReasonWithItsCause) {
  std::vector<ItemResult> items;
  (void)read_bulk(R"({"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,)"
                  R"("error":{"type":"document_parsing_exception","reason":"failed [a]",)"
                  R"("caused_by":{"reason":"no number"}}}}]})",
                  items);
  EXPECT_EQ(items[1].detail, "400 document_parsing_exception: failed [a]: no number");
}

TEST(BulkReader, SendsAgainWhatAnAnswerLeavesUnknown) {
  std::vector<ItemResult> items;
  for (const char* const body :
       {"", "OK", "[]", "{}", R"({"errors":1})", R"({"errors":true})",
        R"({"errors":true,"items":[]})", R"({"errors":true,"items":[{"create":{"status":201}}]})",
        R"({"errors":true,"items":[{"create":{}},{"create":{}}]})",
        R"({"errors":true,"items":[1,2]})", R"({"errors":true,"items":[{},{}]})"}) {
    EXPECT_EQ(read_bulk(body, items).kind, BodyResult::Kind::kAgain) << body;
  }
}

TEST(LokiBody, LeavesOutLabelsWithoutAValueAndWhatHasNone) {
  LokiBody::Options options;
  options.labels.emplace_back("user", *MessageTemplate::parse("%{Fields[user]}"));
  options.labels.emplace_back("team", *MessageTemplate::parse("%{Fields[team]}"));
  options.line = LokiBody::Line::kText;
  LokiBody encoder(std::move(options));
  std::string body;
  encoder.open(body);
  const std::string with_user =
      envelope({{"fields", R"({"user":"a\"b"})"}, {"payload", "\"two\\nlines\""}});
  const std::string with_none = envelope();
  EXPECT_TRUE(encoder.add({.message = with_user, .stream = {}}, body));
  EXPECT_FALSE(encoder.add({.message = with_none, .stream = {}}, body));
  encoder.close(body);
  EXPECT_EQ(body, R"({"streams":[{"stream":{"user":"a\"b"},"values":[["1358512496789012000",)"
                  R"("two\nlines"]]}]})");
}

TEST(LokiReader, TakesWhatIsBlockedAsRefused) {
  const auto kind = [](int status) {
    HttpAnswer answer;
    answer.status = status;
    std::vector<ItemResult> items(2);
    return LokiReader().read(answer, items).kind;
  };
  EXPECT_EQ(kind(204), BodyResult::Kind::kSent);
  EXPECT_EQ(kind(260), BodyResult::Kind::kRefused);
  EXPECT_EQ(kind(400), BodyResult::Kind::kSplit);
  EXPECT_EQ(kind(429), BodyResult::Kind::kAgain);
}

}  // namespace
}  // namespace metlog
