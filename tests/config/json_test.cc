#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"

namespace metlog {
namespace {

std::string error_of(const std::string& text) {
  const absl::StatusOr<Value> value = parse_json(text, "app.json");
  return value.ok() ? "no error: " + to_json(*value) : std::string(value.status().message());
}

std::string through(const std::string& text) {
  const absl::StatusOr<Value> value = parse_json(text);
  return value.ok() ? to_json(*value) : std::string(value.status().message());
}

TEST(Json, GivesBackWhatItRead) {
  for (const std::string text :
       {R"({"a":[1,-2.5,true,false,null,"x"],"b":{"":{}},"c":[]})", R"("\u0001\n\"\\é")", "[[[]]]",
        "0", "-0.0", "1e+16", "0.1", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(through(text), text);
  }
  EXPECT_EQ(through(" [ 1 , 2 ]\n"), "[1,2]");
  EXPECT_EQ(through("\xEF\xBB\xBF{}"), "{}");
}

TEST(Json, KeepsIntegersOfAnySizeApartFromTexts) {
  const std::string big = "123456789012345678901234567890";
  EXPECT_EQ(through("[" + big + ",-" + big + ",\"" + big + "\",18446744073709551616]"),
            "[" + big + ",-" + big + ",\"" + big + "\",18446744073709551616]");
  EXPECT_EQ(*parse_json("18446744073709551615"), Value(Digits{"18446744073709551615"}));
  EXPECT_EQ(*parse_json("-9223372036854775809"), Value(Digits{"-9223372036854775809"}));
  EXPECT_NE(parse_json(big + ".5")->as_real(), nullptr);
  EXPECT_EQ(through("{\"" + big + "\":" + big + "}"), "{\"" + big + "\":" + big + "}");
  EXPECT_FALSE(parse_json("0" + big).ok());
  EXPECT_FALSE(parse_json(big + "x").ok());
  const std::string key = parse_json("{" + big + ":1}", "a.json").status().ToString();
  EXPECT_NE(key.find("a.json:1:2: expected a key in quotes, not \"1234567"), std::string::npos)
      << key;
  EXPECT_FALSE(parse_json("{\"a\":1," + big + ":1}").ok());
  EXPECT_FALSE(parse_json("[" + big + "\"a\"]").ok());
}

TEST(Json, TakesTheLastOfDuplicateKeys) {
  EXPECT_EQ(through(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
}

TEST(Json, WritesWhatIsNoNumberAsNull) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(to_json(Value(ValueList{infinity, -infinity, nan, 1.0, 1.5F})),
            "[null,null,null,1.0,1.5]");
}

TEST(Json, WritesBytesThatAreNotUtf8AsReplacements) {
  EXPECT_EQ(to_json(Value("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

TEST(Json, TakesSoManyLevelsAndNoMore) {
  const auto nested = [](int levels) {
    const auto count = static_cast<std::size_t>(levels);
    return std::string(count, '[') + "1" + std::string(count, ']');
  };
  EXPECT_EQ(through(nested(kMaxJsonDepth)), nested(kMaxJsonDepth));
  EXPECT_EQ(error_of(nested(kMaxJsonDepth + 1))
                .find("app.json:1:65: lists and maps are nested too deeply, not \"[1]]"),
            0U);
  EXPECT_FALSE(parse_json(nested(100'000)).ok());
}

struct Fault {
  const char* text;
  const char* message;
};

TEST(Json, NamesLineColumnAndWhatIsWrong) {
  for (const auto& [text, message] : {
           Fault{"{\n  \"a\": 1\n  \"b\": 2\n}",
                 "app.json:3:3: expected a comma or } after a member, not \"\\\"b\\\": "
                 "2\""},
           Fault{"{\"a\" 1}", "app.json:1:6: expected a colon after the key, not \"1}\""},
           Fault{"{a: 1}", "app.json:1:2: expected a key in quotes, not \"a: 1}\""},
           Fault{"[1, ]", "app.json:1:5: expected a value: "},
           Fault{"[1 2]", "app.json:1:4: expected a comma or ] after an item"},
           Fault{"{\"a\": 007}", "app.json:1:7: a number must not begin with a zero"},
           Fault{"{\"a\": 1.}", "app.json:1:9: expected a digit"},
           Fault{"{\"a\": 1", "app.json:1:8: the JSON ends too early"},
           Fault{"{\"a", "app.json:1:4: the JSON ends too early"},
           Fault{"", "app.json:1:1: the JSON ends too early"},
           Fault{"{} x", "app.json:1:4: more follows after the value"},
           Fault{"\"\xFF\"", "app.json:1:2: these bytes are not UTF-8"},
           Fault{"\"a\nb\"", "app.json:1:3: a control character"},
           Fault{"\"\\x\"", "app.json:1:3: unknown escape"},
           Fault{"\"\\u12\"", "app.json:1:3: \\u needs four hexadecimal digits"},
           Fault{"\"\\ud800\\u0041\"", "app.json:1:2: a surrogate needs the other half"},
           Fault{"\"\\udc00\"", "app.json:1:2: a surrogate needs the other half"},
           Fault{"{\"a\":\n1e400}", "app.json:2:1: the number is too large, not \"1e400}\""},
           Fault{"[tru]", "app.json:1:2: expected a value: "},
       }) {
    EXPECT_EQ(error_of(text).find(message), 0U) << error_of(text) << "\nis not\n" << message;
  }
}

TEST(Json, IsReadableForHumans) {
  const Value value = *parse_json(R"({"a":[1,2],"b":{"c":{"d":[[1],[]]},"e":{}}})");
  EXPECT_EQ(
      to_readable_json(value),
      "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": {\n      \"d\": [\n        [1],\n        []\n"
      "      ]\n    },\n    \"e\": {}\n  }\n}");
  EXPECT_EQ(*parse_json(to_readable_json(value)), value);
}

TEST(JsonConfig, NestsPrefixesAndKeepsTheFlatKeys) {
  const absl::StatusOr<ValueMap> dict = dict_from_json_config(
      R"({"sender":{"class":"A","foo":1},"sender_class":"B","sender_foo":2})");
  ASSERT_TRUE(dict.ok());
  EXPECT_EQ(to_json(*dict),
            R"({"sender":{"class":"B","foo":2},"sender_class":"B","sender_foo":2})");
}

TEST(JsonConfig, IsOneObject) {
  EXPECT_NE(std::string(dict_from_json_config("[1]").status().message()).find("one JSON object"),
            std::string::npos);
}

}  // namespace
}  // namespace metlog
