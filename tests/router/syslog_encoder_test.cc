#include "tools/router/encode/syslog_encoder.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/router/encoded.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

std::string rfc5424(const EnvelopeParts& parts, const SyslogOptions& options = {}) {
  Rfc5424Encoder encoder(options);
  return encoded(encoder, envelope(parts));
}

std::string rfc3164(const EnvelopeParts& parts, SyslogOptions options = {}) {
  options.zone = TimeZone::kUtc;
  Rfc3164Encoder encoder(options);
  return encoded(encoder, envelope(parts));
}

TEST(Rfc5424Encoder, WritesAMessage) {
  EXPECT_EQ(rfc5424({}), "<14>1 2013-01-18T12:34:56.789012Z host app 123 oldstyle - hello");
  EXPECT_EQ(rfc5424({{"fields", R"({"name":"n","rate":1.0})"}}),
            "<14>1 2013-01-18T12:34:56.789012Z host app 123 oldstyle "
            R"([metlog@32473 name="n" rate="1.0"] hello)");
}

TEST(Rfc5424Encoder, TakesFacilityAndNamesFromItsOptions) {
  SyslogOptions options;
  options.facility = *syslog_facility("Local7");
  options.app_name = "shop";
  options.sd_id = "shop@12345";
  options.has_bom = true;
  EXPECT_EQ(rfc5424({{"severity", "0"}, {"fields", R"({"a":1})"}}, options),
            "<184>1 2013-01-18T12:34:56.789012Z host shop 123 oldstyle [shop@12345 a=\"1\"] "
            "\xEF\xBB\xBFhello");
  options.sd_id = "";
  options.has_bom = false;
  EXPECT_EQ(rfc5424({{"fields", R"({"a":1})"}}, options),
            "<190>1 2013-01-18T12:34:56.789012Z host shop 123 oldstyle - hello");
}

TEST(Rfc5424Encoder, ClampsSeveritiesThatSyslogDoesNotHave) {
  EXPECT_TRUE(rfc5424({{"severity", "-5"}}).starts_with("<8>1 "));
  EXPECT_TRUE(rfc5424({{"severity", "4"}}).starts_with("<12>1 "));
  EXPECT_TRUE(rfc5424({{"severity", "99999999999"}}).starts_with("<15>1 "));
}

TEST(Rfc5424Encoder, WritesEveryTimeInUtcAndWithoutALeapSecond) {
  const auto time = [](const std::string& stamp) {
    return rfc5424({{"timestamp", "\"" + stamp + "\""}}).substr(6, 27);
  };
  EXPECT_EQ(time("2013-01-18 12:34:56"), "2013-01-18T12:34:56.000000Z");
  EXPECT_EQ(time("2013-01-18t01:34:56.5+02:00"), "2013-01-17T23:34:56.500000Z");
  EXPECT_EQ(time("2016-12-31T23:59:60.25Z"), "2017-01-01T00:00:00.250000Z");
}

TEST(Rfc5424Encoder, KeepsNamesWithinTheFormat) {
  EXPECT_EQ(
      rfc5424({{"metlog_hostname", R"("my host\n\u00e9")"},
               {"logger", R"("")"},
               {"type", "\"" + std::string(40, 't') + "\""}}),
      "<14>1 2013-01-18T12:34:56.789012Z my_host___ - 123 " + std::string(32, 't') + " - hello");
}

TEST(Rfc5424Encoder, LetsNoFieldForgeStructuredData) {
  const std::string line =
      rfc5424({{"fields", R"({"a":"\"] [x y=\"1\"]\n<13>","k] [\"=":"\\","":"\u0000"})"}});
  EXPECT_EQ(line.substr(56),
            R"([metlog@32473 a="\"\] [x y=\"1\"\]\\n<13>" k__[__="\\\\" _="\\u0000"] hello)");
}

TEST(Rfc5424Encoder, GivesATraceAnElementOfItsOwn) {
  const std::string ids = R"("trace_id":"0af7651916cd43dd8448eb211c80319c",)"
                          R"("span_id":"b7ad6b7169203331")";
  const std::string element = R"([opentelemetry trace_id="0af7651916cd43dd8448eb211c80319c" )"
                              R"(span_id="b7ad6b7169203331"] hello)";
  EXPECT_EQ(rfc5424({{"fields", "{" + ids + "}"}}).substr(56), element);
  EXPECT_EQ(rfc5424({{"fields", "{" + ids + ",\"a\":1}"}}).substr(56),
            R"([metlog@32473 a="1"])" + element);
  EXPECT_EQ(rfc5424({{"fields", R"({"trace_id":"x\"]","span_id":"b7ad6b7169203331"})"}}).substr(56),
            R"([metlog@32473 trace_id="x\"\]" span_id="b7ad6b7169203331"] hello)");
}

TEST(Rfc5424Encoder, TakesLinearTimeForAValueOfQuotes) {
  std::string quotes;
  for (int i = 0; i < 40000; ++i) quotes += "\\\"";
  const std::string line = rfc5424({{"fields", "{\"a\":\"" + quotes + "\"}"}});
  EXPECT_GT(line.size(), 80000U);
}

TEST(Rfc3164Encoder, WritesTheFormOfSyslog) {
  EXPECT_EQ(rfc3164({}), "<14>Jan 18 12:34:56 host app[123]: hello");
  SyslogOptions local;
  local.has_hostname = false;
  EXPECT_EQ(rfc3164({{"timestamp", "\"2013-02-08T01:02:03Z\""}}, local),
            "<14>Feb  8 01:02:03 app[123]: hello");
  EXPECT_EQ(rfc3164({{"logger", R"("a b:[c]\n")"}, {"payload", R"("x\ny")"}}),
            "<14>Jan 18 12:34:56 host a_b__c__[123]: x\\ny");
  EXPECT_EQ(rfc3164({{"logger", "\"\""}, {"payload", "null"}}),
            "<14>Jan 18 12:34:56 host metlog[123]: ");
}

TEST(SyslogOptions, AreCheckedWithAdvice) {
  const auto error = [](const std::string& app_name, const std::string& sd_id) {
    SyslogOptions options;
    options.app_name = app_name;
    options.sd_id = sd_id;
    return std::string(check_syslog_options(options).message());
  };
  EXPECT_EQ(error("shop", "a@1.2"), "");
  EXPECT_EQ(error("", ""), "");
  EXPECT_NE(error("my shop", "").find("app_name 'my shop'"), std::string::npos);
  for (const char* id :
       {"metlog", "@1", "a@", "a@x", "a b@1", "a]@1", "abcdefghijklmnopqrstuvwxyzabcdef@1"}) {
    EXPECT_NE(error("", id).find(std::string("sd_id '") + id), std::string::npos) << id;
  }
  EXPECT_FALSE(syslog_facility("").has_value());
  EXPECT_FALSE(syslog_facility("NOPE").has_value());
}

}  // namespace
}  // namespace metlog
