// The INI files that were recorded from the original program, tests/golden/ini: each gives the
// dictionary that its expected.json names, or is refused.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/json_writer.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

const std::filesystem::path kDirectory = std::filesystem::path(METLOG_GOLDEN_DIR) / "ini";

/// Where metlog differs on purpose from what was recorded: the dictionary in place of an error.
const std::map<std::string, std::string, std::less<>>& fixed_dictionaries() {
  static const std::map<std::string, std::string, std::less<>> kFixed = {
      {"continuation_bools", R"({"flags":["foo",true],"filters":[],"plugins":{}})"},
      {"continuation_ints",
       R"({"sender":{"port":[5565,5566]},"sender_port":[5565,5566],"filters":[],"plugins":{}})"},
      {"indented_option_after_option", R"({"a":[1,"b = 2"],"filters":[],"plugins":{}})"},
  };
  return kFixed;
}

/// What messages say of the files that are refused; the last one the original takes.
const std::map<std::string, std::vector<std::string>, std::less<>>& faults() {
  static const std::map<std::string, std::vector<std::string>, std::less<>> kFaults = {
      {"bad_line", {"bad_line.ini:3: \"this line has no separator\""}},
      {"empty_text", {"empty_text.ini: ", "No section: 'metlog'"}},
      {"indented_first_option", {"indented_first_option.ini:2: \"  a = 1\"", "indented"}},
      {"interpolation_bad_percent", {".ini:2: [metlog] a = \"50%\"", "lone % at \"%\"", "%%"}},
      {"interpolation_bad_ref", {".ini:2: [metlog] a = \"%(oops\"", "%(name)s"}},
      {"interpolation_missing", {".ini:2: [metlog] a = \"%(nope)s\"", "refers to \"nope\""}},
      {"missing_section", {"No section: 'metlog'", "[other]"}},
      {"nest_conflict", {".ini:2: [metlog] sender = \"scalar\"", "sender_class"}},
      {"section_case_sensitive", {"No section: 'metlog'", "[Metlog]"}},
      {"test_env_missing",
       {".ini:2: [test1] sender_class = \"${NO_SUCH_VAR}\"", "Variable not found 'NO_SUCH_VAR'"}},
      {"filter_missing_provider_second", {".ini:6: [metlog_filter_b]", "provider"}},
  };
  return kFaults;
}

/// What an expected.json says.
struct Golden {
  explicit Golden(const std::string& path) : json(simdjson::padded_string::load(path)) {
    simdjson::dom::element root = parser.parse(json);
    section = std::string(std::string_view(root["section"]));
    for (const auto variable : simdjson::dom::object(root["env"])) {
      environment.emplace(variable.key, std::string_view(variable.value));
    }
    simdjson::dom::element expect;
    if (root["expect"].get(expect) == simdjson::SUCCESS) expected = simdjson::minify(expect);
  }

  simdjson::dom::parser parser;
  simdjson::padded_string json;
  std::string section;
  std::map<std::string, std::string> environment;
  std::optional<std::string> expected;  // the dictionary; nothing for an error
};

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kDirectory)) {
    if (entry.path().extension() == ".ini") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<ValueMap> read(const std::string& name, const Golden& golden) {
  ConfigReading reading;
  reading.environment = [&golden](const std::string& variable) -> std::optional<std::string> {
    const auto found = golden.environment.find(variable);
    if (found == golden.environment.end()) return std::nullopt;
    return found->second;
  };
  return dict_from_file_config((kDirectory / (name + ".ini")).string(), golden.section, reading);
}

class GoldenIni : public testing::TestWithParam<std::string> {};

TEST_P(GoldenIni, GivesTheDictionaryOrIsRefused) {
  const std::string& name = GetParam();
  const Golden golden((kDirectory / (name + ".expected.json")).string());
  const absl::StatusOr<ValueMap> dict = read(name, golden);
  const auto fault = faults().find(name);
  const auto fixed = fixed_dictionaries().find(name);
  if (fault == faults().end()) {
    ASSERT_TRUE(dict.ok()) << dict.status();
    const std::string expected =
        fixed == fixed_dictionaries().end() ? golden.expected.value() : fixed->second;
    EXPECT_TRUE(is_same_json(to_json(*dict), expected)) << to_json(*dict) << '\n' << expected;
    return;
  }
  ASSERT_FALSE(dict.ok()) << to_json(*dict);
  const std::string message(dict.status().message());
  for (const std::string& part : fault->second) {
    EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks " << part;
  }
}

INSTANTIATE_TEST_SUITE_P(Original, GoldenIni, testing::ValuesIn(golden_names()),
                         [](const auto& name) { return name.param; });

TEST(GoldenIni, AreAllThere) { EXPECT_EQ(golden_names().size(), 34U); }

}  // namespace
}  // namespace metlog
