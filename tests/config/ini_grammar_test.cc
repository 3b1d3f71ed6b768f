// The grammar beyond the recorded files: statements 138 to 165 one by one. What is expected here
// was compared with the parser of the original's language.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/json_writer.h"

namespace metlog {
namespace {

ConfigReading reading() {
  ConfigReading reading;
  reading.environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "HOME_X" ? std::optional<std::string>("/h") : std::nullopt;
  };
  return reading;
}

/// The dictionary as JSON without its empty "filters" and "plugins", or the error.
std::string read(const std::string& text) {
  std::istringstream stream(text);
  absl::StatusOr<ValueMap> dict = dict_from_stream_config(stream, "metlog", reading());
  if (!dict.ok()) return std::string(dict.status().message());
  for (const char* const key : {"filters", "plugins"}) {
    const Value& value = *dict->find(key);
    if (value == Value(ValueList()) || value == Value(ValueMap())) dict->erase(key);
  }
  return to_json(*dict);
}

std::string read_main(const std::string& options) {
  return read(std::string("[metlog]\n").append(options));
}

/// A line such as "o3 = %(o2)s".
std::string reference(int from, int to, int times = 1) {
  std::ostringstream line;
  line << 'o' << from << " =";
  for (int i = 0; i < times; ++i) line << " %(o" << to << ")s";
  line << '\n';
  return line.str();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(IniGrammar, EndsLinesWithLfCrlfOrALoneCr) {
  constexpr const char* kExpected = R"({"a":1,"b":["x","y"],"c":"z"})";
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text =
        "# c" + end + "[metlog]" + end + "a = 1" + end + end + "b = x" + end + "  y" + end + "c: z";
    EXPECT_EQ(read(text), kExpected) << end.size();
    EXPECT_EQ(read(text + end), kExpected);
    const auto indented = dict_from_text_config("  [metlog]" + end + "  a = 1" + end, "metlog");
    ASSERT_TRUE(indented.ok());
    EXPECT_EQ(*indented->find("a"), Value(1));
  }
  EXPECT_EQ(read("[metlog]\ra = 1\r\nb = 2\nc = 3\r\r\n"), R"({"a":1,"b":2,"c":3})");
  EXPECT_TRUE(contains(read("[metlog]\ra = 1\rb\r"), "<stream>:3: "));
}

TEST(IniGrammar, RefusesWhatIsNotUtf8) {
  using namespace std::string_literals;
  EXPECT_TRUE(contains(read("\xFF\xFE[\0m\0"s), "is UTF-16; save it as UTF-8"));
  EXPECT_TRUE(contains(read("\xFE\xFF\0[\0m"s), "is UTF-16; save it as UTF-8"));
  EXPECT_EQ(read("[metlog]\na = x\0y\n"s),
            "<stream>:2: has a NUL byte; a configuration is text in UTF-8");
  EXPECT_EQ(read("\xEF\xBB\xBF[metlog]\na = 1\n"), R"({"a":1})");
}

TEST(IniGrammar, NamesTheSectionThatAnEmptyFileLacks) {
  for (const char* const text : {"", "\n", "\r", " \t\n", "\xEF\xBB\xBF", "# c\n", "\f"}) {
    EXPECT_TRUE(contains(read(text), "No section: 'metlog'")) << text;
  }
}

TEST(IniGrammar, CutsACommentOnlyAtAFirstSemicolonBehindABlank) {
  EXPECT_EQ(read_main("a = 1 ; x\nb = 2;x\nc = 3 # x\nd = x ; y ; z\ne = x;y ; z\nf = 1\t;"),
            R"({"a":1,"b":"2;x","c":"3 # x","d":"x","e":"x;y ; z","f":1})");
}

TEST(IniGrammar, KeepsASemicolonThatAValueBeginsWith) {
  EXPECT_EQ(read_main("a = ; x\nb =;x \nc = ;x\r\n"), R"({"a":"; x","b":";x","c":";x"})");
}

TEST(IniGrammar, TakesTheLastOfDuplicates) {
  EXPECT_EQ(read("[metlog]\na = 1\nb = 1\n[other]\n[metlog]\na = 2\nA = 3\n"), R"({"a":3,"b":1})");
}

TEST(IniGrammar, InterpolatesFromTheSectionAndFromDefault) {
  EXPECT_EQ(read("[DEFAULT]\nroot = /r\n[metlog]\na = %(ROOT)s/log\nb = %%Y %(a)s\n"
                 "c = %(__name__)s\nroot = /own"),
            R"({"a":"/own/log","b":"%Y /own/log","c":"metlog","root":"/own"})");
}

TEST(IniGrammar, ConvertsWhatInterpolationGives) {
  EXPECT_EQ(read_main("a = 5\nb = %(a)s%(a)s\nc = ${%(d)s}\nd = HOME_X"),
            R"({"a":5,"b":55,"c":"/h","d":"HOME_X"})");
}

TEST(IniGrammar, RefusesAnEndlessReference) {
  const std::string message = read_main("a = %(b)s\nb = %(a)s");
  EXPECT_TRUE(contains(message, "<stream>:2: [metlog] a = \"%(b)s\": refers to itself")) << message;
}

TEST(IniGrammar, TakesTenOptionsOneBehindTheOtherAndNotEleven) {
  std::string options = "o10 = x%%\n";
  for (int i = 9; i >= 1; --i) options += reference(i, i + 1);
  EXPECT_TRUE(contains(read_main(options), R"("o1":"x%")"));
  EXPECT_TRUE(contains(read_main(options + reference(0, 1)), "[metlog] o0 = "));
}

TEST(IniGrammar, RefusesAValueThatGrowsWithoutBounds) {
  std::string options = "o0 = aaaaaaaaaa%%\n";
  for (int i = 1; i < 9; ++i) options += reference(i, i - 1, 20);
  EXPECT_TRUE(contains(read_main(options), "grows too large"));
}

TEST(IniGrammar, TakesRemAsTheFirstWordForAComment) {
  EXPECT_EQ(read_main("rem = 1\nREM x\nrem=2\nremark = 3\nRem"), R"({"rem":2,"remark":3})");
}

TEST(IniGrammar, TakesASectionsNameAsItStandsBetweenTheBrackets) {
  EXPECT_EQ(read("[metlog] and more = 1\na = 1\n[metlog_filter x y]\nprovider = p"),
            R"({"a":1,"filters":[["p",{}]]})");
}

TEST(IniGrammar, NamesEveryLineThatCannotBeRead) {
  EXPECT_EQ(read("[metlog]\none\n= 2\n[\na = 1\n"),
            "<stream>:2: \"one\" is not an option; write name = value, a [section] or a # comment\n"
            "<stream>:3: \"= 2\" is not an option; write name = value, a [section] or a # comment\n"
            "<stream>:4: \"[\" is not an option; write name = value, a [section] or a # comment");
}

TEST(IniGrammar, EndsAListAtTheNextSection) {
  EXPECT_EQ(
      read("[metlog]\na = 1\n[other]\n  2\n"),
      "<stream>:4: \"  2\" is indented, but there is no option above it; begin it at the margin");
}

TEST(IniGrammar, RefusesAnOptionBeforeAnySection) {
  EXPECT_EQ(read("# c\n\na = 1\n[metlog]\n"),
            "<stream>:3: \"a = 1\" is before any section; write [metlog] above it");
}

TEST(IniGrammar, IgnoresAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF[metlog]\na = 1"), R"({"a":1})");
}

TEST(IniGrammar, GivesAPluginWithoutProviderAnEmptyOne) {
  EXPECT_EQ(read("[metlog]\n[metlog_plugin_a]\nb = yes"), R"({"plugins":{"a":["",{"b":true}]}})");
}

TEST(IniGrammar, LetsDefaultBeNoSectionOfItsOwn) {
  std::istringstream stream("[DEFAULT]\na = 1\n");
  EXPECT_TRUE(absl::IsNotFound(dict_from_stream_config(stream, "DEFAULT").status()));
}

TEST(IniGrammar, DoesNotLookAtSectionsThatDoNotCount) {
  EXPECT_EQ(read("[metlog]\n[other]\na = 50%\nb = ${NO_SUCH_VAR}"), "{}");
}

TEST(IniGrammar, ReadsATextThatIsIndentedAsAWhole) {
  const absl::StatusOr<ValueMap> dict =
      dict_from_text_config("\n    [metlog]\n    a = 1\n        2\n    ", "metlog");
  ASSERT_TRUE(dict.ok()) << dict.status();
  EXPECT_EQ(*dict->find("a"), Value(ValueList{1, 2}));
}

TEST(IniGrammar, NamesAFileInFullHoweverLongItsPath) {
  ConfigReading reading;
  reading.name = std::string(500, 'd').append("/app.ini");
  const absl::Status status =
      dict_from_text_config("[metlog]\na = 50%", "metlog", reading).status();
  EXPECT_EQ(std::string(status.message()).find(std::string(reading.name).append(":2: [metlog] a")),
            0U);
}

TEST(IniGrammar, NamesTheFileThatCannotBeRead) {
  const absl::Status status = dict_from_file_config("/no/such.ini", "metlog").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(std::string(status.message()), "cannot read /no/such.ini: No such file or directory");
}

}  // namespace
}  // namespace metlog
