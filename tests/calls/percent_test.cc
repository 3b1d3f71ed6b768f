// The reference's %-format: tests/golden/percent_format.json, and the API around it.

#include "metlog/percent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "metlog/secret.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Value value_of(const simdjson::dom::element& json);

Value text_value(std::string_view text) {
  if (text == "float:-inf") return -std::numeric_limits<double>::infinity();
  if (text == "float:inf") return std::numeric_limits<double>::infinity();
  if (text == "float:nan") return std::numeric_limits<double>::quiet_NaN();
  return text;
}

Value list_value(const simdjson::dom::array& json) {
  ValueList list;
  for (const simdjson::dom::element element : json) list.push_back(value_of(element));
  return list;
}

Value map_value(const simdjson::dom::object& json) {
  ValueMap map;
  for (const auto& [key, element] : json) map.set(key, value_of(element));
  return map;
}

Value value_of(const simdjson::dom::element& json) {
  switch (json.type()) {
    case simdjson::dom::element_type::STRING:
      return text_value(json.get_string().value());
    case simdjson::dom::element_type::INT64:
      return json.get_int64().value();
    case simdjson::dom::element_type::DOUBLE:
      return json.get_double().value();
    case simdjson::dom::element_type::BOOL:
      return json.get_bool().value();
    case simdjson::dom::element_type::ARRAY:
      return list_value(json.get_array().value());
    case simdjson::dom::element_type::OBJECT:
      return map_value(json.get_object().value());
    default:
      return {};
  }
}

std::string result(const absl::StatusOr<std::string>& text) {
  return text.ok() ? *text : "error: " + std::string(text.status().message());
}

TEST(PercentFormat, WritesWhatTheReferenceWrote) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/percent_format.json");
  std::size_t count = 0;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const std::string format(entry["format"].get_string().value());
    SCOPED_TRACE(simdjson::to_string(entry));
    std::vector<Value> arguments;
    for (const simdjson::dom::element argument : entry["args"].get_array()) {
      arguments.push_back(value_of(argument));
    }
    std::string_view expected;
    std::string wanted;
    if (entry["payload"].get(expected) == simdjson::SUCCESS) {
      wanted = expected;
    } else {
      wanted = "error: " + std::string(entry["raises"]["message"].get_string().value());
    }
    EXPECT_EQ(result(percent_format_values(format, arguments.data(), arguments.size())), wanted);
    ++count;
  }
  EXPECT_EQ(count, 85U);
}

TEST(PercentFormat, TakesWhatACallTakes) {
  enum class Color { kRed = 3 };
  const char* const none = nullptr;
  const char unended[2] = {'a', 'b'};
  EXPECT_EQ(
      result(percent_format("%s %s %s %s", std::string("a"), "b", std::string_view("c"), unended)),
      "a b c ab");
  EXPECT_EQ(result(percent_format("%s %s %s", none, nullptr, std::optional<int>())),
            "None None None");
  EXPECT_EQ(result(percent_format("%d %c %s", Color::kRed, 'x', std::optional(1.5F))), "3 x 1.5");
  EXPECT_EQ(result(percent_format("%d %x", UINT64_MAX, UINT64_MAX)),
            "18446744073709551615 ffffffffffffffff");
  EXPECT_EQ(result(percent_format("%d", INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(result(percent_format("%s", secret(std::string("hidden")))), "***");
  EXPECT_EQ(result(percent_format("%(a)s %(b)05d", {{"a", "x"}, {"b", 7}})), "x 00007");
  EXPECT_EQ(result(percent_format("%(a)s", ValueMap())), "%(a)s");
}

TEST(PercentFormat, WritesNumbersOfAnySize) {
  EXPECT_EQ(result(percent_format("%d", 1e30)), "1000000000000000019884624838656");
  const Value big(Digits{"-1180591620717411303424"});  // -2^70
  EXPECT_EQ(result(percent_format("%d %s", big, big)),
            "-1180591620717411303424 -1180591620717411303424");
  EXPECT_EQ(result(percent_format("%x %#o", big, big)),
            "-400000000000000000 -0200000000000000000000000");
  EXPECT_EQ(result(percent_format("%.1e", big)), "-1.2e+21");
  EXPECT_EQ(result(percent_format("%f", Value(Digits{std::string(400, '9')}))),
            "error: long int too large to convert to float");
}

TEST(PercentFormat, PadsAsTheReferenceDid) {
  EXPECT_EQ(result(percent_format("%08.3d|%-08d|%+05d|% d", 5, 42, 42, 42)),
            "00000005|42      |+0042| 42");
  EXPECT_EQ(result(percent_format("%#08x|%#8x|%-#8x|%#x", 255, 255, 255, 0)),
            "0x0000ff|    0xff|0xff    |0x0");
  EXPECT_EQ(result(percent_format("%#o|%.0d|%06.1f|%5%|", 0, 0, -0.0)), "0||-000.0|    %|");
  EXPECT_EQ(result(percent_format("%*d|%05s", -5, 42, "ab")), "42   |   ab");
  EXPECT_EQ(result(percent_format("%4s|%.2s", "\xc3\xa4\xc3\xb6", "\xc3\xa4\xc3\xb6\xc3\xbc")),
            "  \xc3\xa4\xc3\xb6|\xc3\xa4\xc3\xb6")
      << "characters, not bytes";
  EXPECT_EQ(result(percent_format("%06f|%E|%G", std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::quiet_NaN())),
            "000inf|-INF|NAN");
  EXPECT_EQ(result(percent_format("%c%c", 0x41, 0xe9)), "A\xc3\xa9");
}

// Found by comparison with the original's interpreter over random formats.
TEST(PercentFormat, LeavesThePointBareWhereTheReferenceDid) {
  EXPECT_EQ(result(percent_format("%#.1G|%#g|%#.0g|%#.2g", 5, 100000.0, -4, 5)),
            "5.|100000.|-4.|5.0");
  EXPECT_EQ(result(percent_format("%#.0g|%#.1g|%#.2g|%#g", 0, 0, 0, 0)), "0.|0.|0.0|0.00000");
  EXPECT_EQ(result(percent_format("%#.1g|%#.3g|%#.1g|%0+#5.0G", 1e10, 1e10, 0.5, -0.0)),
            "1.e+10|1.00e+10|0.5|-000.");
}

TEST(PercentFormat, WritesListsAndMapsAsTheReferenceDid) {
  const Value nested(ValueMap{{"a", ValueList{1, 1.5, "it's", nullptr, true}}, {"b", ValueMap{}}});
  EXPECT_EQ(result(percent_format("%s and %r", nested, "\xc3\xa4\x01")),
            R"({'a': [1, 1.5, "it's", None, True], 'b': {}} and '\xc3\xa4\x01')");
}

TEST(PercentFormat, SaysWhatIsWrong) {
  const auto error = [](std::string_view format, const auto&... arguments) {
    return result(percent_format(format, arguments...));
  };
  EXPECT_EQ(error("%s %z", 1), "error: not enough arguments for format string");
  EXPECT_EQ(error("%(a", ValueMap{{"a", 1}}), "error: incomplete format key");
  EXPECT_EQ(error("%*d", "5", 5), "error: * wants int");
  EXPECT_EQ(error("%65536d", 5), "error: width too big");
  EXPECT_EQ(error("%99999999999999999999d", 5), "error: width too big");
  EXPECT_EQ(error("%.*d", INT64_MIN, 5), "error: prec too big");
  EXPECT_EQ(error("%d", std::numeric_limits<double>::quiet_NaN()),
            "error: %d format: a number is required, not float");
  EXPECT_EQ(error("%c", 256), "error: unsigned byte integer is greater than maximum");
  EXPECT_EQ(error("%c", -1), "error: unsigned byte integer is less than minimum");
  EXPECT_EQ(error("%f", ValueList{}), "error: float argument required, not list");
  EXPECT_EQ(percent_format("%(b)s", {{"a", 1}}).status().code(), absl::StatusCode::kNotFound);
}

TEST(PercentText, IsSentOrItsErrorTold) {
  TestEngine test;
  EXPECT_TRUE(test.log().info(percent("%s of %d", "one", 5)).ok());
  EXPECT_TRUE(test.log().warn(percent("1, 2: %s\n3, 4: %s", "a", "b")).ok());
  EXPECT_TRUE(test.log()
                  .debug(percent("%(onetwo)s %(threefour)s", {{"onetwo", "a"}, {"threefour", "b"}}))
                  .ok());
  EXPECT_TRUE(test.log().critical(percent("100%")).ok());
  EXPECT_EQ(test.client().error(percent("%s %s", "a")).message(),
            "not enough arguments for format string");
  EXPECT_EQ(test.client().notice(percent("%d", "a")).message(),
            "%d format: a number is required, not str");
  EXPECT_EQ(test.client().info(percent("%(a)s", {{"b", 1}})).message(), "'a'");
  EXPECT_EQ(test.client().info(percent("%y", 1)).message(),
            "unsupported format character 'y' (0x79) at index 1");
  EXPECT_EQ(test.client().info(percent("plain", 1)).message(),
            "not all arguments converted during string formatting");
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("one of 5")"),
                                         envelope("oldstyle", 4, R"("1, 2: a\n3, 4: b")"),
                                         envelope("oldstyle", 7, R"("a b")"),
                                         envelope("oldstyle", 2, R"("100%")")));
}

}  // namespace
}  // namespace metlog
