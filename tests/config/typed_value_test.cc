#include "metlog/internal/config/typed_value.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/dict_from_config.h"

namespace metlog {
namespace {

ValueMap ini(const std::string& text) {
  ConfigReading reading;
  reading.name = "app.ini";
  reading.environment = [](const std::string&) { return "5565"; };
  return dict_from_text_config(text, "metlog", reading).value();
}

template <class T>
std::string message_of(const absl::StatusOr<T>& result) {
  return result.ok() ? "ok" : std::string(result.status().message());
}

TEST(TypedValue, IsWhatItsReaderNeeds) {
  const ValueMap dict{{"t", "x"}, {"i", 5}, {"r", 1.5}, {"b", true}, {"m", ValueMap{{"a", 1}}}};
  EXPECT_EQ(*text_at(dict, "t"), "x");
  EXPECT_EQ(*integer_at(dict, "i"), 5);
  EXPECT_EQ(*real_at(dict, "r"), 1.5);
  EXPECT_EQ(*real_at(dict, "i"), 5.0);
  EXPECT_EQ(*bool_at(dict, "b"), true);
  EXPECT_EQ(*map_at(dict, "m"), (ValueMap{{"a", 1}}));
}

TEST(TypedValue, IsTheFallbackOnlyWhenItIsNotThere) {
  const ValueMap dict{{"i", "x"}};
  EXPECT_EQ(*integer_or(dict, "absent", 7), 7);
  EXPECT_EQ(*text_or(dict, "absent", "f"), "f");
  EXPECT_EQ(*bool_or(dict, "absent", true), true);
  EXPECT_TRUE(text_list_or_empty(dict, "absent")->empty());
  EXPECT_TRUE(map_or_empty(dict, "absent")->empty());
  EXPECT_EQ(message_of(integer_or(dict, "i", 7)), "i = \"x\": takes a whole number");
}

TEST(TypedValue, NamesFileLineSectionKeyAndValue) {
  const ValueMap dict = ini("[metlog]\nseverity = four\nlevel = 9\n");
  EXPECT_EQ(message_of(integer_at(dict, "severity")),
            "app.ini:2: [metlog] severity = \"four\": takes a whole number");
  EXPECT_EQ(message_of(integer_at(dict, "level", {0, 7})),
            "app.ini:3: [metlog] level = 9: takes a whole number from 0 to 7");
  EXPECT_EQ(message_of(integer_at(dict, "absent")), "app.ini: [metlog]: \"absent\" is missing");
}

TEST(TypedValue, ReportsHowAReplacedValueWasWritten) {
  const ValueMap dict = ini("[metlog]\nseverity = ${LEVEL}\n");
  EXPECT_EQ(message_of(integer_at(dict, "severity")),
            "app.ini:2: [metlog] severity = \"5565\", from \"${LEVEL}\": takes a whole number; the "
            "environment has only strings");
}

TEST(TypedValue, NamesThePathInJson) {
  ConfigReading reading;
  reading.name = "app.json";
  const ValueMap dict = dict_from_json_config("{\"sender\":\n{\"port\": [1, 0]}}", reading).value();
  const ValueMap sender = map_at(dict, "sender").value();
  EXPECT_EQ(message_of(port_at(sender, "port")),
            "app.json:2: sender.port = [1,0]: takes a port, 1 to 65535");
  EXPECT_EQ(message_of(text_at(sender, "class")), "app.json:2: sender: \"class\" is missing");
}

TEST(TypedValue, NamesThePathOfAProgramsDictionary) {
  ValueList filters;
  filters.emplace_back(ValueList{"p", ValueMap{{"severity", "4"}}});
  ValueMap dict{{"filters", std::move(filters)}};
  name_paths(dict);
  const ValueMap parameters = *dict.find("filters")->as_list()->at(0).as_list()->at(1).as_map();
  EXPECT_EQ(message_of(integer_at(parameters, "severity")),
            "filters[0][1].severity = \"4\": takes a whole number");
}

TEST(TypedValue, TakesASingleTextForAListOfOne) {
  const ValueMap dict{{"one", "foo"}, {"many", ValueList{"a", "b"}}, {"mixed", ValueList{"a", 1}}};
  EXPECT_EQ(*text_list_at(dict, "one"), (std::vector<std::string>{"foo"}));
  EXPECT_EQ(*text_list_at(dict, "many"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(message_of(text_list_at(dict, "mixed")),
            "mixed = [\"a\",1]: takes strings, and one of these is none");
}

TEST(TypedValue, TakesPortsInTextsToo) {
  const ValueMap dict =
      ini("[metlog]\na = ${PORT}\nb = 1\n    65535\nc = 65536\nd = 1x\ne = ${P}/\n");
  EXPECT_EQ(*port_at(dict, "a"), 5565);
  EXPECT_EQ(*port_list_at(dict, "a"), std::vector<int>{5565});
  EXPECT_EQ(*port_list_at(dict, "b"), (std::vector<int>{1, 65535}));
  EXPECT_EQ(message_of(port_at(dict, "c")),
            "app.ini:5: [metlog] c = 65536: takes a port, 1 to 65535");
  EXPECT_FALSE(port_at(dict, "d").ok());
  EXPECT_FALSE(port_list_at(dict, "d").ok());
}

TEST(TypedValue, RefusesUnknownKeysOfTheSectionItself) {
  ValueMap dict = ini("[DEFAULT]\nshared = 1\n[metlog]\nown = 4\n");
  dict.erase("filters");
  dict.erase("plugins");
  EXPECT_TRUE(check_keys(dict, {"own", "shared"}).ok());
  EXPECT_TRUE(check_keys(dict, {"own"}).ok()) << "[DEFAULT]'s options are in every section";
  EXPECT_EQ(std::string(check_keys(dict, {"severity", "types"}).message()),
            "app.ini:4: [metlog] own = 4: is unknown here; takes severity, types");
}

TEST(TypedValue, TakesNullForAKeyThatIsNotGiven) {
  const ValueMap dict = {{"a", nullptr}};
  EXPECT_EQ(*text_or(dict, "a", "x"), "x");
  EXPECT_EQ(*integer_or(dict, "a", 5), 5);
  EXPECT_EQ(*real_or(dict, "a", 0.5), 0.5);
  EXPECT_EQ(*bool_or(dict, "a", true), true);
  EXPECT_EQ(*map_or_empty(dict, "a"), ValueMap());
  EXPECT_TRUE(text_list_or_empty(dict, "a")->empty());
  EXPECT_FALSE(text_at(dict, "a").ok()) << "what is required is not null";
}

}  // namespace
}  // namespace metlog
