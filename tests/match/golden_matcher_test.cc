#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>
#include <string_view>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/match/message_matcher.h"

// What hekad's matcher did with its own suite's specifications and others, in the words of the
// data file: "match", "no match" or "syntax error".
namespace metlog {
namespace {

namespace dom = simdjson::dom;

/// Where metlog differs, and why.
const std::map<std::string_view, std::string_view> kDeviations = {
    // A JSON object has each key once.
    {"Fields[foo][1][0] == 'alternate'", "no match"},
    {"Fields[foo][1] =~ /alt/", "no match"},
    // The last of two expressions counted.
    {"FALSE TRUE", "syntax error"},
    // A line break ended the text.
    {"Type ==\n'TEST'", "match"},
};

/// The data file's message as an envelope. A field that is there twice keeps its first values.
std::string envelope_of(dom::element message) {
  std::string fields;
  std::map<std::string_view, bool> seen;
  for (const dom::element field : message["Fields"]) {
    const std::string_view name = field.at(0);
    if (!seen.emplace(name, true).second) continue;
    const dom::array parts = field;
    std::string value;
    for (std::size_t i = 2; i < parts.size(); ++i) {
      value += (value.empty() ? "" : ",") + std::string(simdjson::minify(parts.at(i)));
    }
    if (parts.size() > 3) value = bracketed(value);
    fields += (fields.empty() ? "\"" : ",\"") + std::string(name) + "\":" + value;
  }
  const auto json = [message](std::string_view key) {
    return std::string(simdjson::minify(message[key]));
  };
  return envelope({{"type", json("Type")},
                   {"timestamp", "\"2013-01-18T12:34:56.789012Z\""},
                   {"logger", json("Logger")},
                   {"severity", json("Severity")},
                   {"payload", json("Payload")},
                   {"fields", "{" + fields + "}"},
                   {"env_version", json("EnvVersion")},
                   {"metlog_pid", json("Pid")},
                   {"metlog_hostname", json("Hostname")}});
}

std::string outcome(std::string_view spec, const DecodedMessage& message) {
  const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(spec);
  if (!matcher.ok()) return "syntax error";
  return matcher->matches(message) ? "match" : "no match";
}

/// Compares all cases of a list and returns their number; messages have no Uuid.
int compare(dom::element cases, const DecodedMessage& message) {
  int count = 0;
  for (const dom::element entry : cases) {
    const std::string_view spec = entry["spec"];
    const bool is_about_uuid = spec.starts_with("Uuid") && spec != "Uuid == ''";
    const auto deviation = kDeviations.find(spec);
    const std::string_view wanted = is_about_uuid                    ? "no match"
                                    : deviation != kDeviations.end() ? deviation->second
                                                                     : entry["result"];
    EXPECT_EQ(outcome(spec, message), wanted) << spec;
    ++count;
  }
  return count;
}

TEST(GoldenMatcher, DoesWhatHekadDid) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/heka_message_matcher.json");
  Decoding decoding;
  ASSERT_EQ(decoding.outcome(envelope_of(golden["message"])), "accepted");
  EXPECT_EQ(compare(golden["cases"], decoding.message()), 131);
}

TEST(GoldenMatcher, ReadsUnsetVariablesAsEmpty) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/heka_message_matcher.json");
  Decoding decoding;
  ASSERT_EQ(decoding.outcome(envelope({{"type", "\"\""},
                                       {"timestamp", "\"1970-01-01T00:00:00Z\""},
                                       {"severity", "7"},
                                       {"payload", "null"},
                                       {"metlog_pid", "0"}})),
            "accepted");
  EXPECT_EQ(compare(golden["cases_on_an_empty_message"], decoding.message()), 6);
}

}  // namespace
}  // namespace metlog
