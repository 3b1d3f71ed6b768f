// Tags: the original's tagger, catchall and tag conditions, in the words of a configuration.
// Statements 228-232, tests/golden/router_filters.json and router_output_tag_condition.json.

#include "tools/router/config/tag_filters.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/config/router_plan.h"
#include "tools/router/config/toml_file.h"
#include "tools/router/output/matcher.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The plan of a TOML text, and which of its outputs take a message.
class Planned {
 public:
  explicit Planned(const std::string& text) {
    const ConfigValue root = parse_toml(
        std::make_shared<const ConfigSource>(ConfigSource{"f.toml", text, 1}),
        [](const std::string&) { return std::nullopt; }, errors_);
    plan_ = read_plan(root, errors_);
  }

  [[nodiscard]] std::vector<std::string> errors() const { return errors_.errors(); }
  [[nodiscard]] const RouterPlan& plan() const { return plan_; }

  /// The names of the outputs that take a message of the first input.
  [[nodiscard]] std::vector<std::string> outputs_for(std::string_view text) const {
    EXPECT_THAT(errors(), IsEmpty());
    Decoding decoding;
    EXPECT_EQ(decoding.outcome(text), "accepted") << text;
    DecodedMessage message = decoding.message();
    if (plan_.tag_rules != nullptr) {
      const TagRules& rules = *plan_.tag_rules;
      message.tags = rules.tags_of(message, rules.bits_of(plan_.inputs.front().tags));
    }
    std::vector<std::string> names;
    for (const RouterPlan::OutputPlan& output : plan_.outputs) {
      if (Matcher(output.options.match).matches(message)) names.push_back(output.name);
    }
    return names;
  }

 private:
  ConfigErrors errors_;
  RouterPlan plan_;
};

std::string input_with(const std::string& tags) {
  return "[input.udp]\naddress = \"127.0.0.1:0\"\ntags = [" + tags + "]\n";
}

/// An output of the tag's own name.
std::string output_of(const std::string& tag) {
  return fmt::format("[output.\"{0}\"]\ntype = \"null\"\ntags = [\"{0}\"]\n", tag);
}

std::string quoted(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "'" : ", '") + text + "'";
  return list;
}

std::vector<std::string> texts_of(const simdjson::simdjson_result<dom::element>& list) {
  std::vector<std::string> texts;
  dom::array items;
  if (list.get(items) != simdjson::SUCCESS) return texts;
  for (const dom::element item : items) texts.emplace_back(std::string_view(item));
  return texts;
}

/// A filter of the original as a section. Its `type` is a tag of the input here.
std::string section_of(const std::string& type, dom::element filter) {
  std::string text = "[filter.one]\ntype = \"" + type + "\"\n";
  std::vector<std::string> conditions = texts_of(filter["tags"]);
  for (const std::string& input : texts_of(filter["type"])) conditions.push_back(input);
  text += "tags = [" + quoted(conditions) + "]\n";
  const std::vector<std::string> tags = texts_of(filter["add_tag"]);
  if (!tags.empty()) text += "add_tag = [" + quoted(tags) + "]\n";
  const std::vector<std::string> pattern = texts_of(filter["pattern"]);
  std::map<std::string, std::vector<std::string>> wanted;
  for (std::size_t i = 0; i + 1 < pattern.size(); i += 2) {
    wanted[pattern[i]].push_back(pattern[i + 1]);
  }
  for (const auto& [path, texts] : wanted) {
    text += "pattern.'" + path + "' = [" + quoted(texts) + "]\n";
  }
  return text;
}

/// The message that the original's event has; a member that no message has is in its payload.
std::string message_of(const simdjson::simdjson_result<dom::element>& event) {
  EnvelopeParts parts;
  dom::object fields;
  if (event.get(fields) != simdjson::SUCCESS) return envelope();
  for (const dom::key_value_pair member : fields) {
    parts[std::string(member.key)] = simdjson::minify(member.value);
  }
  return envelope(parts);
}

/// Where metlog differs, and why: statements 229 and 230.
const std::map<std::string_view, std::vector<std::string>> kFixed = {
    {"same_key_twice_last_wins", {"T"}},  // two texts of one path are alternatives
};

TEST(GoldenFilters, TagAsTheOriginalDid) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/router_filters.json");
  std::size_t count = 0;
  for (const char* type : {"tagger", "catchall"}) {
    for (const dom::element one : golden[type]) {
      std::string_view name = one["name"];
      SCOPED_TRACE(name);
      // Without a pattern a tagger is a mistake, and fields that are a list are no message's.
      if (name == "empty_pattern" || name == "path_through_array") continue;
      std::vector<std::string> before = texts_of(one["tags_before"]);
      before.emplace_back(std::string_view(one["event_type"]));
      const auto fixed = kFixed.find(name);
      const std::vector<std::string> wanted =
          fixed == kFixed.end() ? texts_of(one["tags_after"]) : fixed->second;
      std::map<std::string, bool> asked;  // and whether it is expected
      for (const std::string tag : {"T", "filter-catchall"}) asked[tag] = false;
      for (const std::string& tag : wanted) asked[tag] = true;
      std::string outputs;
      std::vector<std::string> expected;
      std::string others =
          quoted({"T", "filter-catchall", "metlog", "need", "output_text", "output_statsd"});
      // An input that gives them to other messages: a condition on a tag that none has is an error.
      const std::string other_input =
          "[input.zmq]\naddress = \"tcp://127.0.0.1:*\"\ntags = [" + others + "]\n";
      for (const auto& [tag, is_expected] : asked) {
        outputs += output_of(tag);
        if (is_expected) expected.push_back(tag);
      }
      const Planned planned(input_with(quoted(before)) + other_input +
                            section_of(type, one["filter"]) + outputs);
      EXPECT_THAT(planned.outputs_for(message_of(one["event_fields"])),
                  testing::ElementsAreArray(expected));
      ++count;
    }
  }
  EXPECT_EQ(count, 19U);
}

TEST(GoldenFilters, ConditionsOfOutputsAskForAllTags) {
  dom::parser parser;
  const dom::element golden = parser.load(METLOG_GOLDEN_DIR "/router_output_tag_condition.json");
  int count = 0;
  for (const dom::element one : golden["cases"]) {
    const std::vector<std::string> tags = texts_of(one["output_tags"]);
    std::vector<std::string> event = texts_of(one["event_tags"]);
    if (event.size() == 2 && event[0] == event[1]) event.pop_back();  // here a tag is there or not
    const Planned planned(input_with(quoted(event)) +
                          "[input.zmq]\naddress = \"tcp://127.0.0.1:*\"\ntags = ['a', 'b', 'c']\n"
                          "[output.null]\ntags = [" +
                          quoted(tags) + "]\n");
    ++count;
    if (tags.size() == 2 && tags[0] == tags[1]) {  // the original then took nothing
      EXPECT_THAT(planned.errors(), ElementsAre(HasSubstr("names \"a\" twice")));
      continue;
    }
    const bool handled = one["handled"];
    EXPECT_EQ(!planned.outputs_for(envelope()).empty(), handled) << quoted(tags);
  }
  EXPECT_EQ(count, 6);
}

TEST(TagFilters, CompareEveryPartOfAMessageAsText) {
  const Planned planned(input_with("") + R"(
[filter.parts]
type = "tagger"
add_tag = "hit"
[filter.parts.pattern]
severity = "3"
metlog_pid = "7"
"fields/rate" = "0.5"
"fields/a/b" = "deep"
"payload/x" = "true"
"fields/list" = "[1,2]"
extra = "more"
"fields/c.d" = "dot"
timestamp = "2013-01-18T12:34:56.789013Z"
env_version = "9"
metlog_hostname = "h"
)" + output_of("hit"));
  const std::vector<EnvelopeParts> hits = {{{"severity", "3"}},
                                           {{"metlog_pid", "7"}},
                                           {{"fields", R"({"rate":0.5})"}},
                                           {{"fields", R"({"x":1,"a":{"z":[],"b":"deep"}})"}},
                                           {{"fields", R"({"\u0061":{"\u0062":"\u0064eep"}})"}},
                                           {{"payload", R"({"x":true})"}},
                                           {{"fields", R"({"list":[ 1 , 2 ]})"}},
                                           {{"extra", R"("more")"}},
                                           {{"fields", R"({"c.d":"dot"})"}},
                                           {{"timestamp", R"("2013-01-18T12:34:56.789013Z")"}},
                                           {{"env_version", R"("9")"}},
                                           {{"metlog_hostname", R"("h")"}}};
  for (const EnvelopeParts& parts : hits) {
    EXPECT_THAT(planned.outputs_for(envelope(parts)), ElementsAre("hit")) << envelope(parts);
  }
  const std::vector<EnvelopeParts> misses = {{},
                                             {{"severity", "30"}},
                                             {{"severity", "-3"}},
                                             {{"fields", R"({"rate":0.50})"}},
                                             {{"fields", R"({"rate":"0.50"})"}},
                                             {{"fields", R"({"a":"b"})"}},
                                             {{"fields", R"({"a":["b"]})"}},
                                             {{"fields", R"({"a/b":"deep"})"}},
                                             {{"fields", R"({"c":{"d":"dot"}})"}},
                                             {{"payload", R"("true")"}},
                                             {{"extra", R"("More")"}}};
  for (const EnvelopeParts& parts : misses) {
    EXPECT_THAT(planned.outputs_for(envelope(parts)), IsEmpty()) << envelope(parts);
  }
}

TEST(TagFilters, APathThroughANumberOrAListIsNoMatchAndThroughATextIsAbsent) {
  const Planned planned(input_with("") + R"(
[filter.any]
type = "tagger"
pattern = { "payload/a" = "*" }
add_tag = ["any"]
[filter.empty]
type = "tagger"
pattern = { "payload/a" = "" }
add_tag = ["empty"]
)" + output_of("any") + output_of("empty"));
  const auto taken = [&](const std::string& payload) {
    return planned.outputs_for(envelope({{"payload", payload}}));
  };
  EXPECT_THAT(taken("1"), IsEmpty());
  EXPECT_THAT(taken("true"), IsEmpty());
  EXPECT_THAT(taken("[1]"), IsEmpty());
  EXPECT_THAT(taken(R"({"a":"x"})"), ElementsAre("any"));
  EXPECT_THAT(taken(R"({"a":null})"), ElementsAre("any", "empty"));
  EXPECT_THAT(taken(R"({"a":""})"), ElementsAre("any", "empty"));
  EXPECT_THAT(taken("{}"), ElementsAre("any", "empty"));
  EXPECT_THAT(taken(R"("a")"), ElementsAre("any", "empty"));
  EXPECT_THAT(taken("null"), ElementsAre("any", "empty"));
}

TEST(TagFilters, RunInTheOrderOfTheFileAndSeeEarlierTags) {
  const Planned planned(input_with("'in'") + R"(
[filter.metrics]
type = "tagger"
tags = ["in"]
pattern = { type = ["counter", "timer"] }
add_tag = ["metric", "to_%{logger}", "no_%{nothing}"]
[filter.slow]
type = "tagger"
tags = ["metric", "in"]
pattern = { "fields/name" = "db" }
add_tag = "db"
[filter.catchall]
tags = ["metric"]
)" + output_of("metric") +
                        output_of("db") + output_of("to_app") + output_of("no_%{nothing}") +
                        output_of("filter-catchall") +
                        "[output.all]\ntype = \"null\"\n[output.both]\ntype = \"null\"\ntags = "
                        "['metric', 'db']\nmessage_matcher = \"Severity < 7\"\n");
  const EnvelopeParts counter = {{"type", "\"counter\""}, {"fields", R"({"name":"db"})"}};
  EXPECT_THAT(planned.outputs_for(envelope(counter)),
              ElementsAre("metric", "db", "to_app", "no_%{nothing}", "all", "both"));
  EnvelopeParts debug = counter;
  debug["severity"] = "7";
  debug["logger"] = "\"other\"";
  EXPECT_THAT(planned.outputs_for(envelope(debug)),
              ElementsAre("metric", "db", "no_%{nothing}", "all"));
  EXPECT_THAT(planned.outputs_for(envelope()), ElementsAre("filter-catchall", "all"));
  // Of the router are only the tags that it gives.
  const EnvelopeParts forged = {{"@tags", R"(["metric","db"])"}, {"tags", R"(["metric"])"}};
  EXPECT_THAT(planned.outputs_for(envelope(forged)), ElementsAre("filter-catchall", "all"));
}

TEST(TagFilters, SayWhatIsWrong) {
  const auto error_of = [](const std::string& text) {
    const std::vector<std::string> errors = Planned(input_with("'in'") + text).errors();
    EXPECT_EQ(errors.size(), 1U) << text;
    return errors.empty() ? std::string() : errors.front();
  };
  const std::string out = "[output.null]\n";
  EXPECT_THAT(error_of(out + "tags = ['inn']\n"),
              HasSubstr("f.toml:5:8: output.null.tags: a list names \"inn\", which no input and no "
                        "filter before this gives to messages; did you mean in?"));
  EXPECT_THAT(error_of("[filter.a]\ntype='catchall'\ntags=['later']\n[filter.b]\ntype='tagger'\n"
                       "pattern={type='a'}\nadd_tag='later'\n" +
                       out),
              HasSubstr("f.toml:6:6: filter.a.tags: a list names \"later\", which no input and no "
                        "filter before this gives"));
  EXPECT_THAT(error_of("[filter.a]\npattern={type='a'}\nadd_tag='b'\n" + out),
              HasSubstr("filter.a.type: is missing; write type = one of catchall, tagger"));
  EXPECT_THAT(error_of("[filter.tagger]\nadd_tag='b'\n" + out),
              HasSubstr("filter.tagger.pattern: is missing; write pattern = { type ="));
  EXPECT_THAT(error_of("[filter.tagger]\npattern={}\nadd_tag='b'\n" + out),
              HasSubstr("is empty, so no message fits"));
  EXPECT_THAT(error_of("[filter.tagger]\npattern=['a']\nadd_tag='b'\n" + out),
              HasSubstr("pattern: a list is no table"));
  EXPECT_THAT(error_of("[filter.tagger]\npattern={type=3}\nadd_tag='b'\n" + out),
              HasSubstr("filter.tagger.pattern.type"));
  EXPECT_THAT(error_of("[filter.tagger]\npattern={'a//b'='c'}\nadd_tag='b'\n" + out),
              HasSubstr("is at no path; write keys with a slash"));
  EXPECT_THAT(error_of("[filter.tagger]\npattern={type='a'}\n" + out),
              HasSubstr("filter.tagger.add_tag: is missing; write add_tag = [\"statsd\"]"));
  EXPECT_THAT(error_of("[filter.tagger]\npattern={type='a'}\nadd_tag=['']\n" + out),
              HasSubstr("has an empty tag"));
  EXPECT_THAT(
      error_of("[filter.tagger]\npattern={type='a'}\nadd_tag='b'\nadd_field={x='y'}\n" + out),
      HasSubstr("messages are passed on as they were received"));
  EXPECT_THAT(error_of("[filter.tagger]\npattern={type='a'}\nadd_tags='b'\nadd_tag='b'\n" + out),
              HasSubstr("did you mean add_tag?"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "'t" : ", 't") + std::to_string(i) + "'";
  EXPECT_THAT(Planned("[input.udp]\naddress='127.0.0.1:0'\ntags=[" + many + "]\n" + out + "tags=[" +
                      many + "]\n")
                  .errors(),
              ElementsAre(HasSubstr("conditions ask for 64 tags already")));
}

}  // namespace
}  // namespace metlog
