#include "tools/router/output/message_encoder.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/router/encoded.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;

TEST(JsonLinesEncoder, PassesTheTextThrough) {
  JsonLinesEncoder encoder;
  const std::string text = envelope({{"payload", R"("line\nbreak \u00e9")"}});
  EXPECT_EQ(encoded(encoder, text), text);
}

TEST(JsonLinesEncoder, ReplacesLineBreaksBetweenTokensBySpaces) {
  JsonLinesEncoder encoder;
  const std::string text = envelope({{"fields", "{\n\"a\":\r\n[1,\n\n2]\r}"}});
  EXPECT_EQ(encoded(encoder, text + "\n"), envelope({{"fields", "{ \"a\":  [1,  2] }"}}));
}

std::string metric(const EnvelopeParts& changes) {
  StatsdEncoder encoder;
  EnvelopeParts parts = {{"type", "\"counter\""}, {"payload", "\"1\""}};
  for (const auto& [key, value] : changes) parts[key] = value;
  return encoded(encoder, envelope(parts));
}

std::string with_fields(const std::string& fields) { return metric({{"fields", fields}}); }
std::string with_payload(const std::string& payload) {
  return metric({{"payload", payload}, {"fields", R"({"name":"n"})"}});
}

TEST(StatsdEncoder, WritesTheDocumentedForm) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/router_statsd.json");
  int seen = 0;
  for (const dom::element entry : golden["cases"]) {
    std::string_view wanted;
    if (entry["wire_documented_namespace"].get(wanted) != simdjson::SUCCESS) continue;
    const std::string_view name = entry["name"];
    EnvelopeParts parts;
    for (const dom::key_value_pair field : dom::object(entry["event_fields"])) {
      parts[std::string(field.key)] = simdjson::minify(field.value);
    }
    // The reference reads a missing rate as 0; here it means that every call was sent.
    // It writes large values with an exponent, which not every reader of statsd understands.
    const std::string expected(name == "rate_missing"    ? "x.n:1.0|c"
                               : name == "payload_large" ? "x.n:12345678901234567168.0|c"
                                                         : wanted);
    EXPECT_EQ(metric(parts), expected) << name;
    ++seen;
  }
  EXPECT_EQ(seen, 16);
}

TEST(StatsdEncoder, ReadsTheNumberThatAPayloadBeginsWith) {
  EXPECT_EQ(with_payload("\"12abc\""), "n:12.0|c");
  EXPECT_EQ(with_payload("\" 12.5\""), "n:12.5|c");
  EXPECT_EQ(with_payload("\"+3\""), "n:3.0|c");
  EXPECT_EQ(with_payload("\"-3e2\""), "n:-300.0|c");
  EXPECT_EQ(with_payload("\"1e-05\""), "n:0.00001|c");
  EXPECT_EQ(with_payload("\"1e16\""), "n:10000000000000000.0|c");
  EXPECT_EQ(with_payload("\"0.004213\""), "n:0.004213|c");
  EXPECT_EQ(with_payload("true"), "n:1.0|c");
}

TEST(StatsdEncoder, CountsWhatIsNoNumberAsZero) {
  for (const char* payload : {"\"\"", "\" \"", "\"nano\"", "\"info\"", "\"+\"", "\"-inf 1\"",
                              "\"1e-400\"", "[1]", "{}", "null", "false"}) {
    EXPECT_EQ(with_payload(payload), "n:0.0|c") << payload;
  }
}

TEST(StatsdEncoder, HasNoFormOfWhatIsBeyondADoubleOrNotFinite) {
  for (const char* payload : {"\"nan\"", "\"NaN\"", "\"inf\"", "\" -inf\"", "\"Infinity\"",
                              "\"1e400\"", "\"-1e+310\"", "\"1e4932 x\""}) {
    EXPECT_EQ(with_payload(payload), "no form") << payload;
  }
  EXPECT_EQ(with_payload("\"1" + std::string(400, '0') + "\""), "no form");
}

TEST(StatsdEncoder, SaysTheRateOnlyWhenItIsAShare) {
  EXPECT_EQ(with_fields(R"({"name":"n","rate":0.5})"), "n:1.0|c|@0.5");
  for (const char* rate : {"1", "7", "0", "-1", "null", "\"x\""}) {
    EXPECT_EQ(with_fields(std::string(R"({"name":"n","rate":)") + rate + "}"), "n:1.0|c") << rate;
  }
}

TEST(StatsdEncoder, WritesEachShareInDigitsThatReadBackTheSame) {
  const auto rate_text = [](const std::string& rate) {
    const std::string line = with_fields(R"({"name":"n","rate":)" + rate + "}");
    EXPECT_TRUE(line.starts_with("n:1.0|c|@")) << rate << ' ' << line;
    return line.size() < 9 ? "" : line.substr(9);
  };
  EXPECT_EQ(rate_text("0.95"), "0.95");
  EXPECT_EQ(rate_text("0.00001"), "0.00001");
  EXPECT_EQ(rate_text("1.5e-7"), "0.00000015");
  for (const char* rate : {"0.999999999999999", "0.9999999999999999", "0.95", "0.9", "0.5", "0.1",
                           "0.05", "0.0001", "1e-5", "\"1e-5\"", "1.25E-9", "1e-300", "5e-324"}) {
    const std::string text = rate_text(rate);
    // What statsd's own parser takes of a rate.
    EXPECT_EQ(text.find_first_not_of(".0123456789"), std::string::npos) << text;
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), std::strtod(rate + (*rate == '"'), nullptr));
  }
}

TEST(StatsdEncoder, WritesValuesOfEverySizeWithoutAnExponent) {
  EXPECT_EQ(with_payload("1e-7"), "n:0.0000001|c");
  EXPECT_EQ(with_payload("\"1.23456789012e+11\""), "n:123456789012.0|c");
  const std::string largest = with_payload("-1.7976931348623157e308");
  EXPECT_TRUE(largest.starts_with("n:-17976931348623157081")) << largest;
  EXPECT_TRUE(largest.ends_with("124858368.0|c")) << largest;
}

TEST(StatsdEncoder, LetsNoNameForgeAMetric) {
  EXPECT_EQ(with_fields(R"({"name":"a\nb:1|c"})"), "a_b_1_c:1.0|c");
  EXPECT_EQ(with_fields(R"({"name":"a\u0000\u007f::b:::c"})"), "a__.b._c:1.0|c");
  EXPECT_EQ(with_fields(R"({"name":"n","logger":"x|@\n::y"})"), "x___.y.n:1.0|c");
  EXPECT_EQ(with_fields(R"({"name":5})"), "5:1.0|c");
  EXPECT_EQ(with_fields(R"({"name":["n"]})"), ":1.0|c");
}

std::string metric(const StatsdEncoder::Options& options, const std::string& fields,
                   const std::string& payload = "2") {
  StatsdEncoder encoder(options);
  return encoded(encoder, envelope({{"type", "\"timer\""},
                                    {"logger", "\"shop\""},
                                    {"payload", payload},
                                    {"fields", fields}}));
}

TEST(StatsdEncoder, PutsInFrontOfANameWhatIsAskedFor) {
  using Space = StatsdEncoder::Space;
  const std::string with = R"({"name":"n","logger":"x"})";
  const std::string without = R"({"name":"n"})";
  EXPECT_EQ(metric({.prefix = "prod."}, with), "prod.x.n:2.0|ms");
  EXPECT_EQ(metric({.space = Space::kLogger}, with), "shop.n:2.0|ms");
  EXPECT_EQ(metric({.space = Space::kFieldsLoggerOrLogger}, with), "x.n:2.0|ms");
  EXPECT_EQ(metric({.space = Space::kFieldsLoggerOrLogger}, without), "shop.n:2.0|ms");
  EXPECT_EQ(metric({.prefix = "p.", .space = Space::kNone}, with), "p.n:2.0|ms");
}

TEST(StatsdEncoder, WritesTagsOfFieldsThatAreThere) {
  const StatsdEncoder::Options options{
      .tags = {"Hostname", "user", "n", "ok", "none", "o.p", "list"}};
  EXPECT_EQ(metric(options, R"({"name":"a#b,c","rate":0.5,"user":"joe|x,y#z\n:1","n":1.5,)"
                            R"("ok":true,"o":{"p":"q"},"list":[]})"),
            "a_b_c:2.0|ms|@0.5|#Hostname:host,user:joe_x_y_z_:1,n:1.5,ok:true,o.p:q");
  EXPECT_EQ(metric({.tags = {"none"}}, R"({"name":"n"})"), "n:2.0|ms");
  EXPECT_EQ(metric({.tags = {"Severity", "Pid", "Type", "Logger"}}, R"({"name":"n"})"),
            "n:2.0|ms|#Severity:6,Pid:123,Type:timer,Logger:shop");
}

TEST(StatsdEncoder, WritesWholeNumbersAndOtherTypesWhenAsked) {
  const StatsdEncoder::Options options{.has_whole_numbers = true, .timer_type = "d"};
  EXPECT_EQ(metric(options, R"({"name":"n"})"), "n:2|d");
  EXPECT_EQ(metric(options, R"({"name":"n"})", "-3.0"), "n:-3|d");
  EXPECT_EQ(metric(options, R"({"name":"n"})", "2.5"), "n:2.5|d");
  EXPECT_EQ(metric(options, R"({"name":"n"})", "1e16"), "n:10000000000000000.0|d");
}

}  // namespace
}  // namespace metlog
