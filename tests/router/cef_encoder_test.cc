#include "tools/router/encode/cef_encoder.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <string>

#include "tests/router/encoded.h"
#include "tests/router/envelope.h"
#include "tools/router/encode/syslog_encoder.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;

std::string cef(const EnvelopeParts& parts, CefEncoder::Options options = {}) {
  options.zone = TimeZone::kUtc;
  CefEncoder encoder(options);
  return encoded(encoder, envelope(parts));
}

std::string made(const std::string& payload_json, const std::string& meta) {
  return cef(
      {{"type", "\"cef\""}, {"payload", payload_json}, {"fields", "{\"cef_meta\":" + meta + "}"}});
}

/// The line that the original's call of syslog(3) makes.
std::string line_of(const dom::element& open, std::int64_t priority, const std::string& text) {
  const auto ident = golden_or(std::string_view("metlogd"), open.at(1));
  const std::int64_t options = open.at(2);
  // The original passes on nothing for an unknown one.
  const auto facility = golden_or(std::int64_t{160}, open.at(3));
  return "<" + std::to_string(facility | priority) + ">Jan 18 12:34:56 host " + std::string(ident) +
         ((options & 1) != 0 ? "[123]" : "") + ": " + text;
}

TEST(CefEncoder, WritesWhatTheOriginalGivesToSyslog) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/router_cef_syslog.json");
  int seen = 0;
  for (const dom::element entry : golden["cases"]) {
    const std::string_view name = entry["name"];
    dom::element open;
    std::size_t next = 0;
    const dom::array calls = entry["syslog_calls"];
    for (const dom::element sent : entry["cef_meta_and_payload"]) {
      const std::string meta = simdjson::minify(sent.at(0));
      const auto payload = golden_or(std::string_view("msg"), sent.at(1));
      const std::string line = made('"' + std::string(payload) + '"', meta);
      if (name == "unknown_option") {  // lost by the original
        EXPECT_EQ(line, "<166>Jan 18 12:34:56 host x: msg");
      } else {
        if (std::string_view(calls.at(next).at(0)) == "open") open = calls.at(next++);
        EXPECT_EQ(line, line_of(open, calls.at(next++).at(1), std::string(payload))) << name;
      }
      ++seen;
    }
  }
  EXPECT_EQ(seen, 10);
  for (const dom::key_value_pair facility : dom::object(golden["facilities"])) {
    EXPECT_EQ(syslog_facility(facility.key).value_or(-1) * 8, std::int64_t(facility.value));
  }
}

TEST(CefEncoder, PassesThePayloadsOfTheOriginalsClient) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/cef.json");
  int seen = 0;
  for (const dom::element entry : golden["cases"]) {
    std::string_view payload;
    if (entry["message"]["payload"].get(payload) != simdjson::SUCCESS) continue;
    std::string expected(payload);
    for (std::size_t at = 0; (at = expected.find_first_of("\r\n", at)) != std::string::npos;) {
      expected.replace(at, 1, expected[at] == '\n' ? "\\n" : "\\r");
    }
    const std::string line = made(simdjson::minify(entry["message"]["payload"]),
                                  simdjson::minify(entry["message"]["fields"]["cef_meta"]));
    EXPECT_TRUE(line.ends_with(": " + expected)) << line;
    ++seen;
  }
  EXPECT_GT(seen, 15);
}

TEST(CefEncoder, MakesAnEventOfAnyOtherMessage) {
  EXPECT_EQ(cef({{"severity", "3"}, {"fields", R"({"name":"login","user":"joe","n":[1, 2]})"}}),
            "<163>Jan 18 12:34:56 host CEF:0|metlog|metlog|1|oldstyle|login|7|rt=1358512496789 "
            "dvchost=host dvcpid=123 msg=hello name=login user=joe n=[1,2]");
  EXPECT_EQ(cef({}, {.vendor = "V|", .product = "P\\", .version = "2", .has_header = false}),
            "CEF:0|V\\||P\\\\|2|oldstyle|oldstyle|2|rt=1358512496789 dvchost=host dvcpid=123 "
            "msg=hello");
  EXPECT_TRUE(cef({{"severity", "-1"}}, {.has_header = false}).find("|10|rt=") !=
              std::string::npos);
}

TEST(CefEncoder, LetsNoTextForgeAnEvent) {
  const std::string line = cef({{"type", R"("t|x\n<13>")"},
                                {"payload", R"("a=b|c\\d\ne\rf\u001b[0m\u2028")"},
                                {"fields", R"({"k =\n":"v","":1,"\u00e9":"x=1 y=2"})"}},
                               {.has_header = false});
  EXPECT_EQ(line,
            "CEF:0|metlog|metlog|1|t\\|x\\\\n<13>|t\\|x\\\\n<13>|2|rt=1358512496789 dvchost=host "
            "dvcpid=123 msg=a\\=b|c\\\\d\\ne\\rf\\\\u001b[0m\\\\u2028 k___=v _=1 __=x\\=1 y\\=2");
}

}  // namespace
}  // namespace metlog
