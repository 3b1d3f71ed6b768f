#include "tools/router/encode/layout_line_encoder.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

#include "tests/router/encoded.h"
#include "tests/router/envelope.h"
#include "tests/support/escape_corpus.h"
#include "tests/support/unescaped.h"
#include "tools/router/encode/cef_encoder.h"
#include "tools/router/encode/syslog_encoder.h"

namespace metlog {
namespace {

std::string line(const EnvelopeParts& parts, MessageFormat format, FormatOptions options = {}) {
  LayoutLineEncoder encoder(format, std::move(options));
  return encoded(encoder, envelope(parts));
}

FormatOptions pattern(std::string text) {
  FormatOptions options;
  options.pattern = std::move(text);
  options.utc = true;
  return options;
}

const EnvelopeParts kQuery = {{"severity", "4"},
                              {"payload", R"("slow \"query\"\n")"},
                              {"fields", R"({"table":"two words","ms":41.5})"}};

TEST(LayoutLineEncoder, WritesTheFormatsOfClients) {
  EXPECT_EQ(line(kQuery, MessageFormat::kPattern,
                 pattern("%Y-%m-%d %H:%M:%S.%f %l %n %P %{host} %v%{fields}%{field:ms} %s%t|")),
            "2013-01-18 12:34:56.789012 warning app 123 host slow \"query\"\\n table=\"two words\" "
            "ms=41.541.5 |");
  EXPECT_EQ(line(kQuery, MessageFormat::kLogfmt),
            "time=2013-01-18T12:34:56.789012Z level=warning logger=app "
            "msg=\"slow \\\"query\\\"\\n\" table=\"two words\" ms=41.5");
  EXPECT_EQ(line(kQuery, MessageFormat::kGelf),
            R"({"timestamp":1358512496.789012,"level":4,"host":"host","_logger":"app",)"
            R"("_type":"oldstyle","_pid":123,"_process":"","short_message":"slow \"query\"\n",)"
            R"("_table":"two words","_ms":41.5,"version":"1.1"})");
}

TEST(LayoutLineEncoder, WritesCountersTimersAndEvents) {
  EXPECT_EQ(line({{"type", "\"counter\""},
                  {"payload", "\"3\""},
                  {"fields", R"({"name":"orders","rate":1.0})"}},
                 MessageFormat::kPattern, pattern("%v%{fields}")),
            "counter orders 3");
  EXPECT_EQ(line({{"type", "\"timer\""},
                  {"payload", "\"4.5\""},
                  {"fields", R"({"name":"db","rate":1.0})"}},
                 MessageFormat::kPattern, pattern("%v")),
            "timer db 4.5 ms");
  EXPECT_EQ(line({{"type", "\"services\""}, {"payload", R"({"a": [1, "b\\"]})"}},
                 MessageFormat::kPattern, pattern("%v")),
            R"(services {"a":[1,"b\\"]})");
}

TEST(LayoutLineEncoder, KnowsTheProcessOfEachMessage) {
  LayoutLineEncoder encoder(MessageFormat::kPattern, pattern("%P %{host} %n"));
  for (int round = 0; round < 2; ++round) {
    for (int pid = 1; pid < 400; ++pid) {
      const std::string number = std::to_string(pid);
      ASSERT_EQ(encoded(encoder, envelope({{"metlog_pid", number},
                                           {"metlog_hostname", "\"h" + number + "\""},
                                           {"logger", "\"l" + number + "\""}})),
                number + " h" + number + " l" + number);
    }
  }
}

TEST(LayoutLineEncoder, IsJsonWhereItsFormatIs) {
  simdjson::dom::parser parser;
  for (const MessageFormat format :
       {MessageFormat::kEcs, MessageFormat::kGelf, MessageFormat::kOtel}) {
    EXPECT_TRUE(LayoutLineEncoder(format, {}).is_json());
    EXPECT_EQ(parser.parse(simdjson::padded_string(line(kQuery, format))).error(),
              simdjson::SUCCESS);
  }
  EXPECT_FALSE(LayoutLineEncoder(MessageFormat::kLogfmt, {}).is_json());
}

TEST(LayoutLineEncoder, HasNoFormOfANumberThatNothingHolds) {
  EXPECT_EQ(line({{"fields", "{\"n\":" + std::string(40, '9') + "}"}}, MessageFormat::kLogfmt),
            "no form");
}

/// A string of JSON that is this text.
std::string json_string(const std::string& text) {
  std::string json = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') json += '\\';
    if (static_cast<unsigned char>(byte) >= 0x20) {
      json += byte;
    } else {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(byte);
      json.append("\\u00").append(1, code < 16 ? '0' : '1').append(1, kDigits[code % 16]);
    }
  }
  return json + '"';
}

/// Each text of the corpus as payload and field `k`; without invalid UTF-8, which the router does
/// not take.
template <class Check>
void for_the_corpus(const Check& check) {
  for (const std::string& text : escape_corpus()) {
    if (!simdjson::validate_utf8(text)) continue;
    const std::string json = json_string(text);
    check(text, envelope({{"payload", json}, {"fields", "{\"k\":" + json + "}"}}));
  }
}

TEST(LayoutLineEncoder, LetsNobodyForgeALine) {
  LayoutLineEncoder patterns(MessageFormat::kPattern, pattern("<%v>%{fields}"));
  LayoutLineEncoder logfmt(MessageFormat::kLogfmt, {});
  for_the_corpus([&](const std::string& text, const std::string& message) {
    const std::string shown = encoded(patterns, message);
    EXPECT_TRUE(is_printable_line(shown)) << shown;
    const std::size_t end = shown.find("> k=");
    ASSERT_NE(end, std::string::npos) << shown;
    EXPECT_EQ(unescaped_word(shown.substr(shown.rfind("> k=") + 4)), text) << shown;
    EXPECT_EQ(unescaped(shown.substr(1, shown.rfind("> k=") - 1)), text) << shown;
    const std::string keyed = encoded(logfmt, message);
    EXPECT_TRUE(is_printable_line(keyed)) << keyed;
    EXPECT_EQ(unescaped_word(keyed.substr(keyed.rfind(" k=") + 3)), text) << keyed;
  });
}

/// The value of a parameter of structured data that begins there, without the escapes of RFC 5424.
std::string param_at(const std::string& line, std::size_t at) {
  std::string value;
  for (; line.at(at) != '"'; ++at) {
    if (line[at] == '\\') ++at;
    value += line.at(at);
  }
  return value;
}

TEST(Rfc5424Encoder, LosesNothingOfATextAndLetsNobodyForgeALine) {
  Rfc5424Encoder encoder{SyslogOptions()};
  for_the_corpus([&](const std::string& text, const std::string& message) {
    const std::string shown = encoded(encoder, message);
    EXPECT_TRUE(is_printable_line(shown)) << shown;
    constexpr std::string_view kBefore = "[metlog@32473 k=\"";
    const std::size_t at = shown.find(kBefore);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(unescaped(param_at(shown, at + kBefore.size())), text) << shown;
  });
  for_the_corpus([&](const std::string& text, const std::string& message) {
    SyslogOptions options;
    options.sd_id = "";
    Rfc5424Encoder plain(options);
    const std::string shown = encoded(plain, message);
    EXPECT_EQ(unescaped(shown.substr(shown.find(" - ") + 3)), text) << shown;
  });
}

TEST(Rfc3164Encoder, LosesNothingOfATextAndLetsNobodyForgeALine) {
  Rfc3164Encoder encoder{SyslogOptions()};
  for_the_corpus([&](const std::string& text, const std::string& message) {
    const std::string shown = encoded(encoder, message);
    EXPECT_TRUE(is_printable_line(shown)) << shown;
    EXPECT_EQ(unescaped(shown.substr(shown.find("]: ") + 3)), text) << shown;
  });
}

TEST(CefEncoder, LetsNobodyForgeALine) {
  CefEncoder encoder{CefEncoder::Options()};
  for_the_corpus([&](const std::string&, const std::string& message) {
    const std::string shown = encoded(encoder, message);
    EXPECT_TRUE(is_printable_line(shown)) << shown;
  });
}

}  // namespace
}  // namespace metlog
