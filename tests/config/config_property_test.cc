// Seeded: random configurations through print and parse are the same.

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>

#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/dict_from_ini.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "tests/config/ini_text.h"
#include "tests/config/random_config.h"

namespace metlog {
namespace {

constexpr std::uint64_t kSeed = 20130118;
constexpr int kRounds = 5'000;

std::optional<std::string> variable(const std::string& name) {
  return name == "H" ? std::optional<std::string>("/h") : std::nullopt;
}

TEST(ConfigProperty, ADictionaryPrintedAsIniReadsBackAsTheSame) {
  RandomConfig random(kSeed);
  ConfigReading reading;
  reading.environment = variable;
  for (int i = 0; i < kRounds; ++i) {
    const ValueMap dict = random.expressible_dict();
    const std::string text = random.ini_of(dict);
    std::istringstream stream(text);
    absl::StatusOr<ValueMap> read = dict_from_stream_config(stream, "metlog", reading);
    ASSERT_TRUE(read.ok()) << read.status() << '\n' << text;
    ValueMap expected = dict;
    expected.set("filters", ValueList());
    expected.set("plugins", ValueMap());
    ASSERT_EQ(*read, expected) << text << to_json(*read) << '\n' << to_json(expected);
  }
}

TEST(ConfigProperty, AnIniDocumentPrintedReadsBackAsTheSame) {
  RandomConfig random(kSeed);
  int readable = 0;
  int whole = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = random.ini_soup();
    const absl::StatusOr<IniDocument> document = IniDocument::parse(text, "a");
    if (!document.ok()) continue;
    ++readable;
    const std::string printed = ini_text(*document);
    const absl::StatusOr<IniDocument> again = IniDocument::parse(printed, "a");
    ASSERT_TRUE(again.ok()) << again.status() << '\n' << text;
    ASSERT_TRUE(says_the_same(*document, *again)) << text << "\nbecomes\n" << printed;
    const absl::StatusOr<ValueMap> dict = dict_from_ini(*document, "metlog", variable);
    const absl::StatusOr<ValueMap> dict_again = dict_from_ini(*again, "metlog", variable);
    ASSERT_EQ(dict.status().code(), dict_again.status().code()) << text;
    if (!dict.ok()) continue;
    ++whole;
    ASSERT_EQ(*dict, *dict_again) << text;
  }
  // Or nothing was tried.
  EXPECT_GT(readable, kRounds / 4);
  EXPECT_GT(whole, kRounds / 8);
}

TEST(ConfigProperty, AValuePrintedAsJsonReadsBackAsTheSame) {
  RandomConfig random(kSeed);
  for (int i = 0; i < kRounds; ++i) {
    const Value value = random.json_value();
    const std::string compact = to_json(value);
    const absl::StatusOr<Value> read = parse_json(compact);
    ASSERT_TRUE(read.ok()) << read.status() << '\n' << compact;
    ASSERT_EQ(*read, value) << compact;
    ASSERT_EQ(to_json(*read), compact);
    ASSERT_EQ(*parse_json(to_readable_json(value)), value) << compact;
  }
}

}  // namespace
}  // namespace metlog
