#include "tools/router/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/router/config/toml_file.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// The table of a TOML text in a file f.toml, and what is wrong with it. NAME is a variable.
class Read {
 public:
  explicit Read(std::string text)
      : table_(parse_toml(
            std::make_shared<const ConfigSource>(ConfigSource{"f.toml", std::move(text), 1}),
            [](const std::string& name) {
              return name == "NAME" ? std::optional<std::string>("value") : std::nullopt;
            },
            errors_)),
        settings_("", table_, errors_) {}

  Settings* operator->() { return &settings_; }
  Settings& settings() { return settings_; }
  std::vector<std::string> errors() const { return errors_.errors(); }
  std::vector<std::string> notes() const { return errors_.notes(); }
  /// The errors once every key that was not asked for is one.
  std::vector<std::string> finish() {
    settings_.finish();
    return errors();
  }
  const ConfigValue& table() const { return table_; }

 private:
  ConfigErrors errors_;
  ConfigValue table_;
  Settings settings_;
};

TEST(Settings, ReadsEachKindOfValue) {
  Read read(R"(
text = "a"
one = "b"
list = ["c", "d"]
integer = -3
number = 1.5
bytes = "16 MiB"
plain_bytes = 4096
time = "500ms"
zero = 0
flag = true
word = "block"
variable = "a %ENV[NAME] b"
[headers]
x-a = "1"
"x b" = "2"
[sub]
key = "deep"
)");
  EXPECT_EQ(read->text("text", "?"), "a");
  EXPECT_EQ(read->text("absent", "preset"), "preset");
  EXPECT_THAT(read->texts("one"), ElementsAre("b"));
  EXPECT_THAT(read->texts("list"), ElementsAre("c", "d"));
  EXPECT_EQ(read->integer("integer", {.min = -5, .max = 5, .preset = 0}), -3);
  EXPECT_EQ(read->number("number", {0, 2, 1}), 1.5);
  EXPECT_EQ(read->bytes("bytes", {1, SIZE_MAX, 1}), 16U << 20U);
  EXPECT_EQ(read->bytes("plain_bytes", {1, SIZE_MAX, 1}), 4096U);
  EXPECT_EQ(read->duration("time", {seconds(0), seconds(1), seconds(1)}), milliseconds(500));
  EXPECT_EQ(read->duration("zero", {seconds(0), seconds(1), seconds(1)}), seconds(0));
  EXPECT_TRUE(read->flag("flag", false));
  EXPECT_EQ(read->one_of("word", {{"drop", 1}, {"block", 2}}, 1), 2);
  EXPECT_EQ(read->text("variable"), "a value b");
  EXPECT_THAT(read->text_map("headers"),
              ElementsAre(testing::Pair("x b", "2"), testing::Pair("x-a", "1")));
  ASSERT_NE(read->table("sub"), nullptr);
  EXPECT_EQ(read->table("sub")->text("key"), "deep");
  EXPECT_EQ(read->table("none"), nullptr);
  EXPECT_THAT(read.finish(), IsEmpty());
}

TEST(Settings, NamesPlaceKeyValueAndRemedyOfEachError) {
  Read read(R"(text = 5
integer = "5"
small = 1
bytes = "16 apples"
many = 1000000
time = 30
long = "2h"
flag = "true"
word = "dorp"
list = ["a", 1]
[sub]
key = 1.5
)");
  EXPECT_EQ(read->text("text", "?"), "?");
  EXPECT_EQ(read->integer("integer", {.preset = 7}), 7);
  read->integer("small", {.min = 2, .max = 9, .preset = 2});
  read->bytes("bytes", {1024, 4096, 2048});
  read->bytes("many", {1024, 4096, 2048});
  read->duration("time", {seconds(0), seconds(60), seconds(30)});
  read->duration("long", {seconds(0), seconds(60), seconds(30)});
  read->flag("flag", false);
  read->one_of("word", {{"drop", 1}, {"block", 2}}, 1);
  read->texts("list");
  read->table("sub")->integer("key", {});
  EXPECT_THAT(
      read.finish(),
      ElementsAre(
          "f.toml:1:8: text: 5 is a whole number; it takes a text in quotes",
          "f.toml:2:11: integer: \"5\" is a text; it takes a whole number",
          "f.toml:3:9: small: 1 is out of its range; it takes 2 to 9",
          "f.toml:4:9: bytes: \"16 apples\" is not a number of bytes; it takes 1KiB to 4KiB, such "
          "as \"2KiB\"",
          "f.toml:5:8: many: 1000000 is out of its range; it takes 1KiB to 4KiB, such as \"2KiB\"",
          "f.toml:6:8: time: 30 has no unit; it takes 0 to 1m, such as \"30s\"",
          "f.toml:7:8: long: \"2h\" is out of its range; it takes 0 to 1m, such as \"30s\"",
          "f.toml:8:8: flag: \"true\" is a text; it takes true or false, without quotes",
          "f.toml:9:8: word: \"dorp\" is none of drop, block; did you mean drop?",
          "f.toml:10:14: list: 1 is a whole number; the list takes texts in quotes",
          "f.toml:12:7: sub.key: 1.5 is a number; it takes a whole number"));
}

TEST(Settings, TakesEveryKeyThatWasNotAskedForAsAnError) {
  Read read("encodr = 1\nfine = 2\n[sub]\nxyz = 3\n[other]\na = 1\n");
  read->has("encoder");
  read->has("fine");
  read->table("sub")->has("key");
  EXPECT_THAT(read.finish(),
              ElementsAre("f.toml:1:1: encodr: there is no such key; did you mean encoder?",
                          "f.toml:4:1: sub.xyz: there is no such key; known here are key",
                          "f.toml:5:2: other: there is no such key; known here are encoder, fine, "
                          "sub"));
}

TEST(Settings, SaysWhatIsMissing) {
  Read read("[a]\nempty = \"\"\n");
  Settings& settings = *read->table("a");
  EXPECT_EQ(settings.required_text("path", "/tmp/x"), "");
  settings.required_text("empty", "y");
  EXPECT_THAT(read.finish(),
              ElementsAre("f.toml:1:1: a.path: is missing; write path = \"/tmp/x\"",
                          "f.toml:2:9: a.empty: \"\" is empty; write empty = \"y\""));
}

TEST(Settings, PointsIntoATextAsItIsWrittenInItsFile) {
  const auto place = [](std::string text, std::size_t offset) {
    Read read("# line one\n" + std::move(text));
    read->refuse_at("k", offset, "here");
    return read.errors().at(0);
  };
  EXPECT_EQ(place("k = 'abc'", 1), "f.toml:2:7: k: here");
  EXPECT_EQ(place("k = \"abc\"", 0), "f.toml:2:6: k: here");
  EXPECT_EQ(place("k = \"abc\"", 3), "f.toml:2:9: k: here");  // its end
  EXPECT_EQ(place("k = \"\\\"\\u00e4x\"", 3), "f.toml:2:14: k: here");
  EXPECT_EQ(place("k = \"ä b\"", 3), "f.toml:2:8: k: here");  // characters, not bytes
  EXPECT_EQ(place("k = '''\nab\ncd'''", 4), "f.toml:4:2: k: here");
  EXPECT_EQ(place("k = \"\"\"\\\n   ab \\\n  cd\"\"\"", 3), "f.toml:4:3: k: here");
  EXPECT_EQ(place("k = \"%ENV[NAME]xyz\"", 2), "f.toml:2:5: k: here");  // not the same text
}

TEST(Settings, AreTheSameWhateverTheOrderAndThePlaces) {
  const std::string identity = identity_of(Read("a = 1\nb = ['x', \"y\"]\n[c]\nd = true").table());
  EXPECT_EQ(identity, identity_of(Read("b=[\"x\",'y']\n\na=1\nc.d = true").table()));
  EXPECT_NE(identity, identity_of(Read("a = 2\nb = ['x', 'y']\n[c]\nd = true").table()));
  EXPECT_NE(identity, identity_of(Read("a = 1\nb = ['xy']\n[c]\nd = true").table()));
}

TEST(Toml, NamesThePlaceOfASyntaxErrorAndOfAMissingVariable) {
  const std::vector<std::string> errors = Read("a = 1\nb = \"x\n").errors();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0], testing::StartsWith("f.toml:2:7: this is not TOML: "));
  EXPECT_THAT(Read("a = '%ENV[NONE]'\nb = '%ENV[x'").errors(),
              ElementsAre(testing::HasSubstr("f.toml:1:5: a: the environment has no variable "
                                             "'NONE'"),
                          "f.toml:2:5: b: %ENV[ lacks its ]"));
}

TEST(Toml, EscapesWhatATerminalWouldInterpret) {
  Read read("\"a\\u001b[2J\" = 1\n");
  EXPECT_THAT(read.finish(), ElementsAre(testing::StartsWith("f.toml:1:1: a\\x1b[2J: ")));
}

}  // namespace
}  // namespace metlog
