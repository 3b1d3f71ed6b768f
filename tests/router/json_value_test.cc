#include "tools/router/decode/json_value.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tools/router/input/frame.h"

namespace metlog {
namespace {

using Kind = JsonValue::Kind;

/// What simdjson reads, which is another reader than ours.
JsonValue read_by_simdjson(simdjson::dom::parser& parser, const std::string& json) {
  const simdjson::dom::element element = parser.parse(json);
  JsonValue value;
  if (element.is_string()) {
    value.kind = Kind::kText;
    value.text = element.get_string();
  } else if (element.is_number()) {
    value.kind = Kind::kNumber;
    value.number = double(element);
    value.is_integer = element.get_int64().get(value.integer) == simdjson::SUCCESS;
  } else if (element.is_bool()) {
    value.kind = Kind::kBool;
    value.number = bool(element) ? 1.0 : 0.0;
  } else if (element.is_array()) {
    value.kind = Kind::kArray;
  } else {
    value.kind = element.is_object() ? Kind::kObject : Kind::kNull;
  }
  return value;
}

void expect_agreement(const std::string& json) {
  simdjson::dom::parser parser;
  const JsonValue expected = read_by_simdjson(parser, json);
  const JsonValue value = read_json_value(json);
  EXPECT_EQ(value.kind, expected.kind) << json;
  EXPECT_EQ(value.text, expected.text) << json;
  EXPECT_EQ(value.number, expected.number) << json;
  EXPECT_EQ(std::signbit(value.number), std::signbit(expected.number)) << json;
  EXPECT_EQ(value.is_integer, expected.is_integer) << json;
  EXPECT_EQ(value.integer, expected.integer) << json;
  EXPECT_EQ(value.json, json);
}

TEST(JsonValue, IsWhatSimdjsonReads) {
  for (const char* json : {"0",
                           "-0",
                           "-0.0",
                           "7",
                           "-9223372036854775808",
                           "9223372036854775807",
                           "18446744073709551615",
                           "9007199254740993",
                           "25.0",
                           "1e3",
                           "0.1",
                           "1e22",
                           "1.5E-07",
                           "-1.7976931348623157e308",
                           "5e-324",
                           "1e-400",
                           "123456789.123456789123456789",
                           "true",
                           "false",
                           "null",
                           "{}",
                           "[1]",
                           R"("")",
                           R"("plain")",
                           R"("\"\\\/\b\f\n\r\t")",
                           R"("\u0000\u001f\uD7ff\ufffF")",
                           R"("\ud83d\ude00 and \uD83D\uDE00")",
                           R"("a\\nb")",
                           R"("\u005cn")",
                           "\"caf\xc3\xa9\\u00e9\""}) {
    expect_agreement(json);
  }
}

TEST(JsonValue, KeepsSomeTextsWithEscapesAtATime) {
  const std::string json = R"("a\tb")";
  const JsonValue first = read_json_value(json);
  for (std::size_t i = 1; i < kUnescapedTexts; ++i) {
    EXPECT_EQ(read_json_value(R"("other\n")").text, "other\n");
  }
  EXPECT_EQ(first.text, "a\tb");
}

std::vector<std::pair<std::string, std::string>> members_of(std::string text) {
  const std::size_t size = text.size();
  text.append(kFramePadding, '}');
  std::vector<std::pair<std::string, std::string>> members;
  JsonMember member;
  for (JsonMembers object(std::string_view(text).substr(0, size)); object.next(member);) {
    members.emplace_back(member.key, member.value);
  }
  return members;
}

TEST(JsonMembers, AreReadAsTheyStandThere) {
  using Members = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(members_of("{}"), Members());
  EXPECT_EQ(members_of("{ \n}"), Members());
  EXPECT_EQ(members_of(R"({"a":1})"), (Members{{"a", "1"}}));
  EXPECT_EQ(members_of("{ \"a\\\"}\" :\t[1, {\"}\":\"]\"} ] ,\r\n\"\":\"{\\\\\",\"n\" : null }"),
            (Members{{"a\\\"}", "[1, {\"}\":\"]\"} ]"}, {"", "\"{\\\\\""}, {"n", "null"}}));
  const std::string long_text(1'000, 'x');
  EXPECT_EQ(members_of("{\"" + long_text + "\":\"" + long_text + "\",\"e\":-1.5e3}"),
            (Members{{long_text, '"' + long_text + '"'}, {"e", "-1.5e3"}}));
}

std::vector<std::string> elements_of(std::string text) {
  const std::size_t size = text.size();
  text.append(kFramePadding, ']');
  std::vector<std::string> elements;
  std::string_view element;
  for (JsonElements array(std::string_view(text).substr(0, size)); array.next(element);) {
    elements.emplace_back(element);
  }
  return elements;
}

TEST(JsonElements, AreReadAsTheyStandThere) {
  using Elements = std::vector<std::string>;
  EXPECT_EQ(elements_of("[]"), Elements());
  EXPECT_EQ(elements_of("[ \t]"), Elements());
  EXPECT_EQ(elements_of("[7]"), Elements{"7"});
  EXPECT_EQ(elements_of("[ null,\n[1, \"]\"] , {\"a\":[2]},\"\\\"],\"\r, -1.5e3 ]"),
            (Elements{"null", "[1, \"]\"]", "{\"a\":[2]}", "\"\\\"],\"", "-1.5e3"}));
}

TEST(JsonValue, IsWrittenWithoutWhitespace) {
  EXPECT_EQ(without_whitespace("{ \"a b\" :\t[ 1.50,\r\n\"\\\" c\" , {} ] }"),
            "{\"a b\":[1.50,\"\\\" c\",{}]}");
  EXPECT_EQ(without_whitespace("[]"), "[]");
  EXPECT_EQ(without_whitespace("-1.5E3"), "-1.5E3");
  EXPECT_EQ(without_whitespace("\" a \""), "\" a \"");
  const std::string long_array = "[" + std::string(100'000, ' ') + "1 ]";
  EXPECT_EQ(without_whitespace(long_array), "[1]");
}

}  // namespace
}  // namespace metlog
