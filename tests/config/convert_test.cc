// The conversion table and the text clean-up that were recorded from the original program.

#include "metlog/internal/config/convert.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/text.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

using std::string_view;

simdjson::padded_string golden(const std::string& name) {
  std::string path = METLOG_GOLDEN_DIR "/";
  path += name;
  return simdjson::padded_string::load(path);
}

/// The lists with numbers and truths that the original fails at.
const std::map<std::string, std::string, std::less<>> kFixed = {
    {"true\nfalse", "[true,false]"}, {"1\n2", "[1,2]"}, {"foo\ntrue", R"(["foo",true])"}};

std::string expected_of(const simdjson::dom::element& test_case) {
  const auto fixed = kFixed.find(string_view(test_case["in"]));
  if (fixed != kFixed.end()) return fixed->second;
  simdjson::dom::element out;
  if (test_case["out"].get(out) == simdjson::SUCCESS) return simdjson::minify(out);
  return "error";
}

TEST(Convert, GivesWhatTheOriginalGives) {
  simdjson::dom::parser parser;
  const simdjson::padded_string json = golden("convert.json");
  const simdjson::dom::element root = parser.parse(json);
  std::map<std::string, std::string> variables;
  for (const auto variable : simdjson::dom::object(root["environment"])) {
    variables.emplace(variable.key, string_view(variable.value));
  }
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  int count = 0;
  for (const simdjson::dom::element test_case : simdjson::dom::array(root["cases"])) {
    ++count;
    const string_view in = test_case["in"];
    const absl::StatusOr<Value> value = convert(in, environment);
    const std::string expected = expected_of(test_case);
    if (expected == "error") {
      EXPECT_FALSE(value.ok()) << in;
      continue;
    }
    ASSERT_TRUE(value.ok()) << in << ": " << value.status();
    EXPECT_EQ(to_json(*value), expected) << in;
  }
  EXPECT_EQ(count, 72);
}

TEST(Convert, NamesTheVariableThatIsNotSet) {
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  const absl::StatusOr<Value> value = convert("${NO_SUCH_VAR}", nothing);
  EXPECT_TRUE(absl::IsNotFound(value.status()));
  EXPECT_EQ(std::string(value.status().message()).find("Variable not found 'NO_SUCH_VAR'"), 0U);
}

TEST(Convert, KeepsIntegersOfAnySize) {
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  EXPECT_EQ(*convert("-9223372036854775808", nothing), Value(INT64_MIN));
  EXPECT_EQ(*convert("-9223372036854775809", nothing), Value(Digits{"-9223372036854775809"}));
  EXPECT_EQ(*convert("-000123456789012345678901234567890", nothing),
            Value(Digits{"-123456789012345678901234567890"}));
}

TEST(Dedented, IsWhatTheOriginalMakesOfATextBeforeReadingIt) {
  simdjson::dom::parser parser;
  const simdjson::padded_string json = golden("text_dedent.json");
  int count = 0;
  for (const simdjson::dom::element test_case : simdjson::dom::array(parser.parse(json)["cases"])) {
    ++count;
    EXPECT_EQ(dedent(string_view(test_case["text"])), string_view(test_case["dedented"]));
  }
  EXPECT_EQ(count, 6);
}

TEST(Dedented, FindsWhatTabsAndBlanksHaveInCommon) {
  EXPECT_EQ(dedent(" \ta\n  b\n"), "\ta\n b\n");
  EXPECT_EQ(dedent("\ta\n b\n"), "\ta\n b\n");
}

TEST(Dedented, TakesALineOfNothingButACarriageReturnForBlank) {
  EXPECT_EQ(dedent("  [a]\r\n\r\n  b = 1\r\n"), "[a]\r\n\r\nb = 1\r\n");
}

}  // namespace
}  // namespace metlog
