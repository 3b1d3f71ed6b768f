#include "metlog/internal/text/indented_json.h"

#include <gtest/gtest.h>

namespace metlog {
namespace {

TEST(IndentedJson, PutsAMemberOrItemOnALine) {
  EXPECT_EQ(indented_json(R"({"a":1,"b":[true,"x"]})"),
            "{\n    \"a\": 1,\n    \"b\": [\n        true,\n        \"x\"\n    ]\n}");
}

TEST(IndentedJson, LeavesEmptyListsAndObjectsOnOneLine) {
  EXPECT_EQ(indented_json("{}"), "{}");
  EXPECT_EQ(indented_json(R"({"a":[],"b":{}})"), "{\n    \"a\": [],\n    \"b\": {}\n}");
}

TEST(IndentedJson, LeavesWhatStandsInStrings) {
  EXPECT_EQ(indented_json(R"(["{,:}[]","\"\\",""])"),
            "[\n    \"{,:}[]\",\n    \"\\\"\\\\\",\n    \"\"\n]");
}

TEST(IndentedJson, EscapesAllThatIsNotPrintableAscii) {
  EXPECT_EQ(indented_json("\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \x7F~\""),
            R"("caf\u00e9 \u20ac \ud83d\ude00 \u007f~")");
  EXPECT_EQ(indented_json("\"\xFF\xC3\""), R"("\ufffd\ufffd")");
}

// Damaged text is not JSON, but must be read no further than its end.
TEST(IndentedJson, EndsWhereTheTextEnds) {
  EXPECT_EQ(indented_json(""), "");
  EXPECT_EQ(indented_json("}"), "\n}");
  EXPECT_EQ(indented_json("{"), "{\n    ");
  EXPECT_EQ(indented_json("\"a\\"), "\"a\\\"");
}

}  // namespace
}  // namespace metlog
