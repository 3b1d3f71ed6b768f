#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tools/router/sentry/dsn.h"
#include "tools/router/sentry/sentry_body.h"
#include "tools/router/sentry/sentry_reader.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

simdjson::dom::element golden(simdjson::dom::parser& parser, const std::string& name) {
  return parser.load(METLOG_GOLDEN_DIR "/" + name).value();
}

std::string text(const simdjson::dom::element& object, const char* key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

TEST(Dsn, IsReadAsTheOriginalsClientDoes) {
  simdjson::dom::parser parser;
  for (const simdjson::dom::element one :
       golden(parser, "raven.json")["dsn_parsing_by_the_client_library"]) {
    const auto dsn = parse_dsn(text(one, "dsn"));
    ASSERT_TRUE(dsn.ok()) << dsn.status();
    EXPECT_EQ(dsn->project, text(one, "project"));
    EXPECT_EQ(dsn->public_key, text(one, "public"));
    EXPECT_EQ(dsn->secret_key, text(one, "secret"));
    EXPECT_EQ(std::string_view(one["servers"].at(0)),
              dsn->scheme + "://" + dsn->host.authority() + dsn->prefix + "/api/store/");
  }
}

TEST(Dsn, LeadsToTheEnvelopesOfItsProject) {
  const auto dsn = parse_dsn("https://abc@o1.ingest.example.org/sentry/42");
  ASSERT_TRUE(dsn.ok());
  EXPECT_EQ(dsn->envelope_url().text(), "https://o1.ingest.example.org/sentry/api/42/envelope/");
  EXPECT_EQ(envelope_auth(*dsn, "metlogd/1"),
            "Sentry sentry_version=7, sentry_client=metlogd/1, sentry_key=abc");
  EXPECT_THAT(envelope_auth(*parse_dsn("http://a:b@h/1"), "c"), HasSubstr(", sentry_secret=b"));
}

TEST(Dsn, RefusesWhatIsNoneAndShowsNoKey) {
  for (const char* wrong :
       {"", "SECRET", "https://h/1", "https://SECRET@h", "https://SECRET@h/", "ftp://SECRET@h/1",
        "https://SECRET@/1", "https://SECRET:@h/1", "https://SE CRET@h/1", "udp://SECRET@h/1",
        "https://SECRET@h/1?x", "https://SEC\r\nRET@h/1", "https://SECRET,x=y@h/1",
        "https://SECRET@h:0/1"}) {
    const auto dsn = parse_dsn(wrong);
    ASSERT_FALSE(dsn.ok()) << wrong;
    const std::string message(dsn.status().message());
    EXPECT_THAT(message, HasSubstr("https://KEY@HOST/PROJECT"));
    EXPECT_THAT(message, Not(HasSubstr("SEC"))) << wrong;
  }
}

BodyItem item_of(std::string_view message, std::uint64_t sequence = 7) {
  StreamId stream;
  for (std::size_t i = 0; i < stream.session.size(); ++i) {
    stream.session[i] = static_cast<std::uint8_t>(i);
  }
  stream.number = 1;
  return {message, stream, sequence};
}

/// The parts of an envelope with one event.
struct Parsed {
  simdjson::dom::parser parsers[3];
  simdjson::dom::element head;
  simdjson::dom::element item;
  simdjson::dom::element event;
  std::string event_text;

  explicit Parsed(const std::string& body) {
    const std::size_t first = body.find('\n');
    const std::size_t second = body.find('\n', first + 1);
    head = parsers[0].parse(body.substr(0, first)).value();
    item = parsers[1].parse(body.substr(first + 1, second - first - 1)).value();
    event_text = body.substr(second + 1, body.size() - second - 2);
    EXPECT_EQ(body.back(), '\n');
    EXPECT_EQ(std::uint64_t(item["length"]), event_text.size());
    EXPECT_EQ(std::string_view(item["type"]), "event");
    event = parsers[2].parse(event_text).value();
    EXPECT_EQ(text(head, "event_id"), text(event, "event_id"));
    EXPECT_THAT(text(head, "event_id"), testing::MatchesRegex("[0-9a-f]{32}"));
    EXPECT_THAT(text(head, "sent_at"), testing::EndsWith("Z"));
  }
};

std::string body_of(const std::string& message, EnvelopeBody::Options options = {},
                    std::uint64_t sequence = 7) {
  EnvelopeBody encoder(std::move(options));
  std::string body;
  EXPECT_TRUE(encoder.add(item_of(message, sequence), body));
  return body;
}

TEST(EnvelopeBody, MakesAnEventOfAMessage) {
  const Parsed parsed(
      body_of(envelope({{"severity", "3"},
                        {"payload", R"("it \"broke\"\n\u00e9")"},
                        {"fields", R"({"order":1e2,"trace_id":"0123456789abcdef0123456789abcdef",)"
                                   R"("span_id":"0123456789abcdef"})"}}),
              {.environment = "test", .release = "1.2"}));
  const simdjson::dom::element& event = parsed.event;
  EXPECT_EQ(text(event, "message"), "it \"broke\"\n\xc3\xa9");
  EXPECT_EQ(text(event, "level"), "error");
  EXPECT_EQ(text(event, "logger"), "app");
  EXPECT_EQ(text(event, "server_name"), "host");
  EXPECT_EQ(text(event, "platform"), "native");
  EXPECT_EQ(text(event, "timestamp"), "2013-01-18T12:34:56.789012Z");
  EXPECT_EQ(text(event, "environment"), "test");
  EXPECT_EQ(text(event, "release"), "1.2");
  EXPECT_EQ(text(event["tags"], "type"), "oldstyle");
  EXPECT_EQ(double(event["extra"]["order"]), 100);
  EXPECT_EQ(text(event["contexts"]["trace"], "span_id"), "0123456789abcdef");
}

TEST(EnvelopeBody, HasALevelForEachSeverity) {
  const std::vector<std::string> levels = {"fatal",   "fatal", "fatal", "error",
                                           "warning", "info",  "info",  "debug"};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_EQ(text(Parsed(body_of(envelope({{"severity", std::to_string(i)}}))).event, "level"),
              levels[i]);
  }
}

TEST(EnvelopeBody, HasOneIdForAMessageAndAnotherForEachOther) {
  const std::string id = text(Parsed(body_of(envelope())).head, "event_id");
  EXPECT_EQ(text(Parsed(body_of(envelope())).head, "event_id"), id);
  EXPECT_NE(text(Parsed(body_of(envelope(), {}, 8)).head, "event_id"), id);
}

TEST(EnvelopeBody, PassesAnEventOn) {
  const auto event_of = [](const std::string& payload) {
    return Parsed(body_of(envelope({{"type", "\"sentry\""}, {"payload", payload}})));
  };
  // The golden payload: base64 of the deflated {"a": 1, "b": "e-acute"}.
  simdjson::dom::parser parser;
  const std::string packed = text(golden(parser, "raven.json")["encode_example"], "payload");
  EXPECT_EQ(text(event_of("\"" + packed + "\"").event, "b"), "\xc3\xa9");
  EXPECT_EQ(std::int64_t(event_of(R"("{\"a\":1}")").event["a"]), 1);
  EXPECT_EQ(std::int64_t(event_of(R"({"a":2})").event["a"]), 2);
  EXPECT_EQ(event_of(R"("{}")").event_text.find(','), std::string::npos);
  const std::string own = "00112233445566778899aabbccddeeff";
  EXPECT_EQ(text(event_of(R"("{\"event_id\":\")" + own + R"(\"}")").head, "event_id"), own);
}

TEST(EnvelopeBody, MakesAnEventOfAPayloadThatIsNone) {
  for (const char* payload : {R"("some payload data")", R"("eJyrVkpU")", R"("{\"a\":")", "null",
                              R"("{\"event_id\":\"short\"}")", "12", R"("")"}) {
    const Parsed parsed(body_of(envelope({{"type", "\"sentry\""}, {"payload", payload}})));
    EXPECT_EQ(text(parsed.event, "platform"), "native") << payload;
  }
}

TEST(EnvelopeBody, HasNoFormOfAnEventThatSentryDoesNotTake) {
  EnvelopeBody encoder({});
  std::string body;
  const std::string message =
      envelope({{"payload", "\"" + std::string(EnvelopeBody::kMaxEventBytes, 'x') + "\""}});
  EXPECT_FALSE(encoder.add(item_of(message), body));
  EXPECT_EQ(body, "");
}

// What the original's router sent for the same events.
TEST(StoreBody, IsWhatTheOriginalSent) {
  simdjson::dom::parser parser;
  for (const simdjson::dom::element one : golden(parser, "router_sentry.json")["cases"]) {
    std::string_view line;
    if (one["headers"].get_array().error() || one["request_line"].get(line)) continue;
    const auto dsn =
        parse_dsn(absl::StrReplaceAll(text(one, "dsn"), {{"HOST:PORT", "127.0.0.1:80"}}));
    ASSERT_TRUE(dsn.ok()) << dsn.status();
    EXPECT_EQ(line, "POST " + dsn->store_url().path + " HTTP/1.1");
    StoreBody encoder(*dsn);
    std::string body;
    ASSERT_TRUE(
        encoder.add(item_of(envelope({{"payload", "\"BODY\""},
                                      {"fields", R"({"epoch_timestamp":1358512496.789})"}})),
                    body));
    EXPECT_EQ(body, text(one, "body"));
    EXPECT_EQ(encoder.headers().at(0), std::string_view(one["headers"].at(0)));
    EXPECT_EQ("Content-Type: " + std::string(encoder.content_type()),
              std::string_view(one["headers"].at(1)));
  }
}

TEST(StoreBody, PutsNothingButANumberIntoItsHeader) {
  StoreBody encoder(*parse_dsn("http://pub@h/1"));
  for (const char* epoch : {R"("1\r\nX-Evil: y")", "null", "{}", R"("")"}) {
    std::string body;
    encoder.add(
        item_of(envelope({{"fields", std::string(R"({"epoch_timestamp":)") + epoch + "}"}})), body);
    EXPECT_THAT(encoder.headers().at(0),
                testing::ContainsRegex("sentry_timestamp=[0-9]+\\.[0-9]{3}, "))
        << epoch;
    EXPECT_THAT(encoder.headers().at(0), Not(HasSubstr("Evil")));
  }
}

TEST(StoreDatagram, IsWhatTheOriginalSent) {
  simdjson::dom::parser parser;
  for (const simdjson::dom::element one : golden(parser, "router_sentry.json")["cases"]) {
    if (text(one, "name") != "udp") continue;
    StoreDatagramEncoder encoder(*parse_dsn("udp://pub:sec@h:9000/sentry/2"));
    Batch batch(1024);
    const std::string message =
        envelope({{"payload", "\"BODY\""}, {"fields", R"({"epoch_timestamp":1358512496.789})"}});
    Decoding decoding;
    ASSERT_EQ(decoding.outcome(message), "accepted");
    ASSERT_TRUE(encoder.encode(decoding.message(), batch));
    EXPECT_EQ(batch.message(0), text(one, "datagram"));
  }
}

class SentryReaderTest : public testing::Test {
 protected:
  BodyResult::Kind read(int status, std::vector<std::string> headers = {}) {
    HttpAnswer answer;
    answer.status = status;
    answer.headers = std::move(headers);
    return reader_.read(answer, {}).kind;
  }
  [[nodiscard]] std::chrono::seconds limit() {
    const auto begun = now_;
    while (!reader_.takes("")) now_ += 1s;
    return std::chrono::duration_cast<std::chrono::seconds>(now_ - begun);
  }

  SentryReader::TimePoint now_{1h};
  SentryReader reader_{[this] { return now_; }};
};

TEST_F(SentryReaderTest, NeverSendsAgainWhatWasAnswered) {
  EXPECT_EQ(read(200), BodyResult::Kind::kSent);
  for (const int status : {301, 400, 403, 404, 413, 500, 503}) {
    EXPECT_EQ(read(status), BodyResult::Kind::kRefused) << status;
    EXPECT_EQ(limit(), 0s);
  }
}

TEST_F(SentryReaderTest, SendsNothingWhileItIsLimited) {
  EXPECT_EQ(read(429), BodyResult::Kind::kRefused);
  EXPECT_EQ(limit(), 60s);
  read(429, {"Retry-After: 7"});
  EXPECT_EQ(limit(), 7s);
  read(429, {"Retry-After: soon"});
  EXPECT_EQ(limit(), 60s);
  read(429, {"Retry-After: 7", "X-Sentry-Rate-Limits: 5::organization"});
  EXPECT_EQ(limit(), 5s);
  read(503, {"Retry-After: 7"});
  EXPECT_EQ(limit(), 0s);
}

TEST_F(SentryReaderTest, ObeysTheLimitsOfEventsOnAnyAnswer) {
  EXPECT_EQ(
      read(200, {"x-sentry-rate-limits: 60:transaction:key, 2700:default;error;security:org"}),
      BodyResult::Kind::kSent);
  EXPECT_EQ(limit(), 2700s);
  read(200, {"X-Sentry-Rate-Limits: 9:error:key, 3::key, 4:error:key:quota:ns"});
  EXPECT_EQ(limit(), 9s);
  read(200, {"X-Sentry-Rate-Limits: 60:transaction;attachment:key"});
  EXPECT_EQ(limit(), 0s);
  read(429, {"X-Sentry-Rate-Limits: 60:transaction:key"});
  EXPECT_EQ(limit(), 0s);
}

TEST_F(SentryReaderTest, ReadsNonsenseAsNothingAndNoLimitLongerThanADay) {
  for (const char* header : {"", ",", ":", "x:error:key", "-5:error:key", "5", ";:,;"}) {
    read(200, {"X-Sentry-Rate-Limits: " + std::string(header)});
    EXPECT_EQ(limit(), 0s) << header;
  }
  read(200, {"X-Sentry-Rate-Limits: 99999999999:error:key"});
  now_ += 24h;
  EXPECT_TRUE(reader_.takes(""));
}

}  // namespace
}  // namespace metlog
