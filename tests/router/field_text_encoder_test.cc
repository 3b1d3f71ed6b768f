#include "tools/router/encode/field_text_encoder.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

#include "tests/router/encoded.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;

std::string line(const EnvelopeParts& parts, const std::string& field, bool has_timestamp = false) {
  EXPECT_TRUE(is_part_of_message(field)) << field;
  FieldTextEncoder encoder({field, has_timestamp});
  return encoded(encoder, envelope(parts));
}

TEST(FieldTextEncoder, WritesWhatTheOriginalsFileHas) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/router_file_output.json");
  int seen = 0;
  for (const dom::element entry : golden["cases"]) {
    const std::string_view name = entry["name"];
    const auto format = golden_or(std::string_view(), entry["config"]["format"]);
    const std::string field(golden_or(std::string_view(), entry["config"]["formatted_field"]));
    const bool has_timestamp = golden_or(false, entry["config"]["prefix_timestamps"]);
    // A message without a time stamp is refused before; `@type` is no part of a message.
    if (format != "preformatted_field" || name == "text_missing_ts" || field == "@type") continue;
    std::string file;
    FieldTextEncoder encoder({field == "nope" ? "fields/nope" : field, has_timestamp});
    for (const dom::element event : entry["events"]) {
      EnvelopeParts parts;
      for (const dom::key_value_pair each : dom::object(event)) {
        parts[std::string(each.key)] = simdjson::minify(each.value);
      }
      file += encoded(encoder, envelope(parts)) + "\n";
    }
    EXPECT_EQ(file, std::string_view(entry["file"])) << name;
    ++seen;
  }
  EXPECT_EQ(seen, 4);
}

TEST(FieldTextEncoder, WritesOneLineForEachMessage) {
  EXPECT_EQ(line({{"payload", R"("a\nb\u001b[2J\u202e\n")"}}, "payload"), "a\\nb\\u001b[2J\\u202e");
  EXPECT_EQ(line({{"payload", "{\"a\": 1}"}}, "payload"), "{\"a\":1}");
  EXPECT_EQ(line({{"payload", "null"}}, "payload", true), "2013-01-18T12:34:56.789012Z ");
}

TEST(FieldTextEncoder, FindsFieldsByTheirPaths) {
  const EnvelopeParts parts = {
      {"fields", R"({"a":{"b":{"c":"deep"}},"x/y":"slash","n":1.50,"no":null,"l":[1, 2]})"}};
  EXPECT_EQ(line(parts, "fields/a/b/c"), "deep");
  EXPECT_EQ(line(parts, "fields/a.b.c"), "deep");
  EXPECT_EQ(line(parts, "fields/x/y"), "slash");
  EXPECT_EQ(line(parts, "fields/n"), "1.50");
  EXPECT_EQ(line(parts, "fields/no"), "");
  EXPECT_EQ(line(parts, "fields/l"), "[1,2]");
  EXPECT_EQ(line(parts, "fields/a/z"), "");
  EXPECT_EQ(line(parts, "severity"), "6");
  EXPECT_EQ(line(parts, "metlog_hostname"), "host");
}

TEST(FieldTextEncoder, KnowsThePartsOfAMessage) {
  for (const char* wrong : {"", "nope", "@type", "fields", "fields/", "Payload"}) {
    EXPECT_FALSE(is_part_of_message(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace metlog
