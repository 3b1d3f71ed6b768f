// Bodies of OTLP/HTTP, and what its answers mean.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/router/envelope.h"
#include "tools/router/backend/otlp_logs.h"
#include "tools/router/backend/otlp_metrics.h"
#include "tools/router/backend/otlp_reader.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Makes a body of these messages; those without a form are counted.
std::string body_of(BodyEncoder& encoder, const std::vector<std::string>& messages,
                    int without_form = 0) {
  std::string body;
  encoder.open(body);
  for (const std::string& message : messages) {
    if (!encoder.add({.message = message, .stream = {}}, body)) --without_form;
  }
  encoder.close(body);
  EXPECT_EQ(without_form, 0);
  simdjson::dom::parser parser;
  EXPECT_EQ(parser.parse(body).error(), simdjson::SUCCESS) << body;
  return body;
}

std::int64_t fixed_time() { return 1'700'000'000'000'000'007; }

TEST(OtlpLogsBody, GroupsByResourceAndScopeAndKeepsTheOrder) {
  OtlpLogsBody encoder({.service = "shop", .attributes = {{"cloud.region", "eu"}}}, fixed_time);
  const std::string body =
      body_of(encoder, {envelope({{"payload", "\"1\""}}), envelope({{"logger", "\"db\""}}),
                        envelope({{"payload", "\"2\""}}), envelope({{"metlog_pid", "7"}})});
  const std::string head =
      R"({"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},)"
      R"({"key":"host.name","value":{"stringValue":"host"}},{"key":"process.pid",)"
      R"("value":{"intValue":"123"}},{"key":"cloud.region","value":{"stringValue":"eu"}}]},)"
      R"("scopeLogs":[{"scope":{"name":"app"},"logRecords":[)";
  const auto record = [](const std::string& text) {
    return R"({"observedTimeUnixNano":"1700000000000000007","timeUnixNano":"1358512496789012000",)"
           R"("severityNumber":9,"severityText":"INFO","body":{"stringValue":")" +
           text + R"("},"attributes":[{"key":"metlog.type","value":{"stringValue":"oldstyle"}}]})";
  };
  EXPECT_THAT(body, testing::StartsWith(R"({"resourceLogs":[)" + head + record("1") + "," +
                                        record("2") + R"(]},{"scope":{"name":"db"})"));
  EXPECT_THAT(body, HasSubstr(R"({"intValue":"7"}})"));
  // The next body has nothing of this one.
  EXPECT_THAT(body_of(encoder, {envelope()}), Not(HasSubstr("\"db\"")));
}

TEST(OtlpLogsBody, TakesTheLoggerAsTheServiceWhereNoneIsSet) {
  OtlpLogsBody encoder({}, fixed_time);
  const std::string body =
      body_of(encoder, {envelope({{"logger", "\"shop\""}}), envelope({{"logger", "\"\""}})});
  EXPECT_THAT(body, HasSubstr(R"("service.name","value":{"stringValue":"shop"})"));
  EXPECT_THAT(body, HasSubstr(R"("service.name","value":{"stringValue":"unknown_service"})"));
}

TEST(OtlpLogsBody, GivesEachFieldItsTypeAndIdsOnlyOfTheRightLength) {
  OtlpLogsBody encoder({}, fixed_time);
  const std::string body = body_of(
      encoder,
      {envelope({{"severity", "2"},
                 {"fields", R"({"i":9007199254740993,"d":0.5,"b":true,"a":[1,"x"],"m":{"k":null},)"
                            R"("trace_id":"0123456789abcdef0123456789abcdef",)"
                            R"("span_id":"0123456789abcdef"})"}}),
       envelope({{"fields", R"({"trace_id":"abc","span_id":"0123456789abcdeg"})"}})});
  for (const char* const part :
       {R"({"key":"i","value":{"intValue":"9007199254740993"}})",
        R"({"key":"d","value":{"doubleValue":0.5}})", R"({"key":"b","value":{"boolValue":true}})",
        R"({"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"}]}})",
        R"({"kvlistValue":{"values":[{"key":"k","value":{}}]}})",
        R"("traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef")",
        R"("severityNumber":18,"severityText":"CRIT")"}) {
    EXPECT_THAT(body, HasSubstr(part));
  }
  EXPECT_EQ(body.find("traceId"), body.rfind("traceId"));
}

TEST(OtlpLogsBody, HasNoFormOfWhatIsNoMessage) {
  OtlpLogsBody encoder({}, fixed_time);
  EXPECT_EQ(body_of(encoder, {"", "{}", "x"}, 3), R"({"resourceLogs":[]})");
}

std::string metric(const std::string& type, const std::string& payload,
                   const std::string& fields = R"({"name":"orders","rate":1})") {
  return envelope({{"type", '"' + type + '"'}, {"payload", payload}, {"fields", fields}});
}

/// Metrics of the time from 1000 to 2000, then to 3000, ..
class OtlpMetrics : public testing::Test {
 protected:
  std::string body(const std::vector<std::string>& messages, int without_form = 0) {
    return body_of(encoder_, messages, without_form);
  }

  std::int64_t now_ = 0;
  OtlpMetricsBody encoder_{{.attributes = {"route", "ok"}}, [this] { return now_ += 1000; }};
};

TEST_F(OtlpMetrics, AddsUpTheCountsOfASeriesAsAMonotonicDelta) {
  const std::string first = body({metric("counter", "\"2\""), metric("counter", "1.5"),
                                  metric("counter", "\"1\"", R"({"name":"orders","rate":0.25})")});
  EXPECT_THAT(first, HasSubstr(R"({"name":"orders","sum":{"isMonotonic":true,)"
                               R"("aggregationTemporality":1,"dataPoints":[)"
                               R"({"startTimeUnixNano":"1000","timeUnixNano":"2000",)"
                               R"("attributes":[],"asDouble":7.5}]}})"));
  // The next one begins where this one ended, and not with its sum.
  EXPECT_THAT(body({metric("counter", "1")}),
              HasSubstr(R"("startTimeUnixNano":"2000","timeUnixNano":"3000",)"
                        R"("attributes":[],"asDouble":1.0})"));
}

TEST_F(OtlpMetrics, KeepsSeriesApartByTheFieldsThatWereAskedFor) {
  const std::string text = body({metric("counter", "1", R"({"name":"a::b","route":"/x","n":1})"),
                                 metric("counter", "2", R"({"name":"a::b","route":"/y","n":2})"),
                                 metric("counter", "4", R"({"name":"a::b","ok":true,"n":3})"),
                                 metric("counter", "8", R"({"name":"a::b","route":"/x","n":4})")});
  EXPECT_THAT(text, HasSubstr(R"({"name":"a.b",)"));
  EXPECT_THAT(text, HasSubstr(R"([{"key":"route","value":{"stringValue":"/x"}}],"asDouble":9.0)"));
  EXPECT_THAT(text, HasSubstr(R"([{"key":"route","value":{"stringValue":"/y"}}],"asDouble":2.0)"));
  EXPECT_THAT(text, HasSubstr(R"([{"key":"ok","value":{"boolValue":true}}],"asDouble":4.0)"));
}

TEST_F(OtlpMetrics, MakesAHistogramOfTimes) {
  const std::string text = body({metric("timer", "\"0.1\""), metric("timer", "7"),
                                 metric("timer", "20000", R"({"name":"orders","rate":0.5})")});
  EXPECT_THAT(text, HasSubstr(R"("unit":"ms","histogram":{"aggregationTemporality":1,)"));
  EXPECT_THAT(text,
              HasSubstr(R"("count":"4","sum":40007.1,"min":0.1,"max":20000.0,"bucketCounts":["1",)"
                        R"("0","0","0","0","0","1","0","0","0","0","0","0","0","0","0","2"],)"
                        R"("explicitBounds":[0.1,0.25,0.5,1.0,2.5,5.0,10.0,25.0,)"));
}

TEST_F(OtlpMetrics, CountsTheShareOfSampledTimesThatIsNotWhole) {
  const std::string text = body({metric("timer", "1", R"({"name":"a","rate":0.7})"),
                                 metric("timer", "1", R"({"name":"a","rate":0.7})"),
                                 metric("timer", "1", R"({"name":"a","rate":0.7})")});
  EXPECT_THAT(text, HasSubstr(R"("count":"4","sum":4.28)"));
}

TEST_F(OtlpMetrics, HasNoFormOfWhatIsNoMetric) {
  EXPECT_EQ(body({envelope(), metric("counter", "-1"), metric("timer", "\"-1\""),
                  metric("counter", "\"1x\""), metric("counter", "null"),
                  metric("counter", "1", "{}"), metric("counter", "1", R"({"name":""})"),
                  metric("counter", "1e308", R"({"name":"a","rate":1e-9})")},
                 8),
            R"({"resourceMetrics":[]})");
  EXPECT_THAT(body({metric("counter", "1e308"), metric("counter", "1e308")}),
              HasSubstr("\"asDouble\":1.7976931348623157e"));
}

BodyResult read(int status, const std::string& body,
                OtlpReader::Signal signal = OtlpReader::Signal::kLogs) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = body;
  std::vector<ItemResult> items(10);
  return OtlpReader(signal).read(answer, items);
}

TEST(OtlpReader, SendsAgainWhatTheSpecificationListsOnly) {
  using Kind = BodyResult::Kind;
  for (const int status : {429, 502, 503, 504}) EXPECT_EQ(read(status, "").kind, Kind::kAgain);
  for (const int status : {401, 404, 408, 500, 501}) {
    EXPECT_EQ(read(status, "").kind, Kind::kRefused) << status;
  }
  EXPECT_EQ(read(400, "").kind, Kind::kSplit);
}

TEST(OtlpReader, TakesASuccessAtItsWordButForWhatIsRejected) {
  using Kind = BodyResult::Kind;
  for (const char* const body :
       {"", "{}", "OK", "[]", R"({"partialSuccess":{}})", R"({"partialSuccess":null})",
        R"({"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"old"}})",
        R"({"partialSuccess":{"rejectedLogRecords":"x"}})",
        R"({"partialSuccess":{"rejectedLogRecords":-1}})"}) {
    EXPECT_EQ(read(200, body).kind, Kind::kSent) << body;
  }
  for (const char* const body :
       {R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}})",
        R"({"partial_success":{"rejected_log_records":3,"error_message":"too old"}})"}) {
    const BodyResult result = read(200, body);
    EXPECT_EQ(result.kind, Kind::kPartly) << body;
    EXPECT_EQ(result.refused, 3U);
    EXPECT_EQ(result.detail, "too old");
  }
}

// A point is of many messages.
TEST(OtlpReader, LosesTheWholeBodyWhenPointsAreRejected) {
  const BodyResult result =
      read(200, R"({"partialSuccess":{"rejectedDataPoints":"1"}})", OtlpReader::Signal::kMetrics);
  EXPECT_EQ(result.refused, 10U);
  EXPECT_EQ(result.detail, "1 points rejected: the receiver does not say why");
}

}  // namespace
}  // namespace metlog
