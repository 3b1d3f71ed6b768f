// A router's output and a real server, which fails in every way.

#include "tools/router/http/http_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/router/envelope.h"
#include "tests/router/http_server.h"
#include "tests/router/received.h"
#include "tests/senders/temp_dir.h"
#include "tools/router/output/output.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

class HttpOutputTest : public testing::Test {
 protected:
  /// An output to the server, with short pauses and without a linger.
  void start(const std::vector<std::string>& script) {
    server_ = std::make_unique<HttpServer>(script);
    connect(server_->url());
  }
  void connect(const std::string& url) {
    wanted_.url = parse_http_url(url).value();
    Output::Options options;
    options.dead_letters.path = directory_.file("dead");
    options.queue_bytes = 64 * 1024 * 1024;
    wanted_.prepare(options);
    auto sender = wanted_.open(std::move(encoder_), std::make_unique<StatusReader>(), options.log);
    ASSERT_TRUE(sender.ok()) << sender.status();
    output_ =
        std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(), *std::move(sender), options);
    ASSERT_TRUE(output_->start().ok());
  }
  void take(int count) {
    for (int i = 1; i <= count; ++i) {
      ASSERT_TRUE(received_.add(envelope({{"payload", std::to_string(taken_++)}}), *output_));
      if (i % 500 != 0 && i != count) continue;
      output_->take(received_.slice());
      received_.begin_block();
    }
    output_->end_round();
  }
  OutputLedger close(std::chrono::nanoseconds limit = 60s) {
    output_->begin_close(limit);
    output_->end_close();
    OutputLedger ledger = output_->ledger();
    EXPECT_EQ(ledger.pending, 0U);
    EXPECT_EQ(ledger.routed, static_cast<std::uint64_t>(taken_));
    EXPECT_EQ(ledger.routed, ledger.written + ledger.lost.total());
    EXPECT_EQ(ledger.acknowledged, ledger.written);
    EXPECT_EQ(ledger.delivery.in_flight, 0U);
    EXPECT_EQ(ledger.delivery.dead_lettered, ledger.lost.total());
    return ledger;
  }
  /// What the server was sent next.
  simdjson::dom::element next_request() {
    request_ = server_->next_request();
    return parser_.parse(request_).value();
  }
  static std::string header(const simdjson::dom::element& request, const char* name) {
    std::string_view value;
    return request["headers"][name].get(value) == simdjson::SUCCESS ? std::string(value) : "";
  }
  [[nodiscard]] std::string dead_letters() const { return content_of(directory_.file("dead")); }

  HttpOutputTest() {
    wanted_.linger = 0s;
    wanted_.sender.retry.first_delay = 20ms;
    wanted_.sender.retry.max_delay = 50ms;
    wanted_.sender.retry.time = 60s;
  }

  TempDir directory_;
  HttpOutput wanted_;
  std::unique_ptr<BodyEncoder> encoder_ = std::make_unique<LinesBody>("application/x-ndjson");
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Output> output_;
  Received received_;
  int taken_ = 0;
  simdjson::dom::parser parser_;
  std::string request_;
};

TEST_F(HttpOutputTest, SendsLinesAndKeepsItsConnection) {
  wanted_.http.headers = {"X-Own: 7", "Authorization: Bearer abc"};
  wanted_.sender.window = 1;
  start({"200"});
  std::int64_t connection = 0;
  for (int i = 0; i < 3; ++i) {
    take(1);
    const simdjson::dom::element request = next_request();
    EXPECT_EQ(std::string_view(request["method"]), "POST");
    EXPECT_EQ(std::string_view(request["path"]), "/in");
    EXPECT_EQ(std::string_view(request["body"]), envelope({{"payload", std::to_string(i)}}) + "\n");
    EXPECT_EQ(header(request, "content-type"), "application/x-ndjson");
    EXPECT_EQ(header(request, "x-own"), "7");
    EXPECT_EQ(header(request, "authorization"), "Bearer abc");
    EXPECT_EQ(header(request, "expect"), "");
    EXPECT_EQ(header(request, "accept-encoding"), "");
    EXPECT_NE(header(request, "idempotency-key"), "");
    const std::int64_t used = request["connection"];
    EXPECT_TRUE(i == 0 || used == connection);
    connection = used;
  }
  EXPECT_EQ(close().written, 3U);
}

TEST_F(HttpOutputTest, SendsCompressedArraysByAnotherMethod) {
  encoder_ = std::make_unique<JsonArrayBody>();
  wanted_.sender.body.gzip_level = 6;
  wanted_.sender.body_messages = 100;
  wanted_.http.method = "PUT";
  start({"204"});
  take(250);
  std::size_t messages = 0;
  while (messages < 250) {
    const simdjson::dom::element request = next_request();
    EXPECT_EQ(std::string_view(request["method"]), "PUT");
    EXPECT_EQ(header(request, "content-type"), "application/json");
    EXPECT_EQ(header(request, "content-encoding"), "gzip");
    simdjson::dom::parser parser;
    const std::string body{std::string_view(request["body"])};
    const simdjson::dom::array array = parser.parse(body);
    EXPECT_LE(array.size(), 100U);
    messages += array.size();
  }
  EXPECT_EQ(close().written, 250U);
}

TEST_F(HttpOutputTest, GathersForItsLinger) {
  wanted_.linger = 1h;
  start({"200"});
  for (int i = 0; i < 20; ++i) take(1);
  close();  // which does not wait for the linger
  const std::string body{std::string_view(next_request()["body"])};
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 20);
}

TEST_F(HttpOutputTest, SendsAfterItsLingerWithoutAnythingElseToDo) {
  wanted_.linger = 10ms;
  start({"200"});
  take(1);
  EXPECT_THAT(std::string{std::string_view(next_request()["body"])}, HasSubstr("payload"));
  EXPECT_EQ(close().written, 1U);
}

// In each the messages arrive in the end, after another request with the same key.
class HttpFaultTest : public HttpOutputTest, public testing::WithParamInterface<const char*> {};

TEST_P(HttpFaultTest, IsOutlived) {
  wanted_.http.timeout = 500ms;
  wanted_.sender.retry.max_retry_after = 100ms;
  start({GetParam(), GetParam(), "200"});
  take(5);
  const std::string key = header(next_request(), "idempotency-key");
  EXPECT_EQ(header(next_request(), "idempotency-key"), key);
  EXPECT_EQ(header(next_request(), "idempotency-key"), key);
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.written, 5U);
  EXPECT_GE(ledger.delivery.retried, 10U);  // more where the machine is slow
}
INSTANTIATE_TEST_SUITE_P(Faults, HttpFaultTest,
                         testing::Values("500", "503;Retry-After: 1", "429", "429;Retry-After: 0",
                                         "429;Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", "408",
                                         "reset", "close", "hang", "headers", "garbage"));

// A 2xx is an answer, whatever its body is.
class HttpStrangeAnswerTest : public HttpOutputTest,
                              public testing::WithParamInterface<const char*> {};

TEST_P(HttpStrangeAnswerTest, IsTakenByItsStatus) {
  wanted_.http.timeout = 5s;  // of "drip"
  start({GetParam(), "200"});
  take(5);
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.written, 5U);
  EXPECT_EQ(ledger.delivery.retried, 0U);
}
INSTANTIATE_TEST_SUITE_P(Answers, HttpStrangeAnswerTest,
                         testing::Values("200", "202", "299", "endless", "drip", "half"));

TEST_F(HttpOutputTest, KeepsWhatIsRefusedInTheDeadLetterFile) {
  start({"403;;no such key", "200"});
  take(2);
  next_request();
  take(1);
  const OutputLedger ledger = close();
  EXPECT_GE(ledger.lost[LossReason::kRefused], 1U);
  EXPECT_LE(ledger.lost[LossReason::kRefused], 2U);
  EXPECT_THAT(dead_letters(), AllOf(HasSubstr(R"("reason":"refused","attempts":1)"),
                                    HasSubstr("HTTP 403: no such key"), HasSubstr(server_->url()),
                                    HasSubstr(R"("payload":0)")));
}

TEST_F(HttpOutputTest, GivesUpOnAClosedPortAfterItsAttempts) {
  wanted_.sender.retry.attempts = 3;
  connect("http://127.0.0.1:1/");
  take(4);
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.lost[LossReason::kNoReceiver], 4U);
  EXPECT_EQ(ledger.delivery.unanswered, 0U);
  EXPECT_THAT(dead_letters(), HasSubstr(R"("attempts":3,"detail":")"));
}

TEST_F(HttpOutputTest, EndsInTimeBesideAServerThatNeverAnswers) {
  start({"hang"});
  take(10);
  next_request();
  const auto begun = std::chrono::steady_clock::now();
  const OutputLedger ledger = close(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
  EXPECT_EQ(ledger.lost[LossReason::kExpired], 10U);
  EXPECT_GE(ledger.delivery.unanswered, 1U);
}

TEST_F(HttpOutputTest, LosesNothingAmongFaultsOfAllKinds) {
  wanted_.http.timeout = 500ms;
  wanted_.sender.body_messages = 50;
  wanted_.sender.body_bytes = 20'000;
  wanted_.sender.body.gzip_level = 1;
  start({"--quiet", "200", "500", "200", "reset", "200", "429;Retry-After: 0", "close", "200",
         "hang", "200", "garbage", "half", "200", "503", "endless", "200"});
  take(20'000);
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.written, 20'000U);
  EXPECT_GT(ledger.delivery.retried, 0U);
}

}  // namespace
}  // namespace metlog
