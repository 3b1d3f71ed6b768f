// The reference's own filters and messages: tests/golden/filters.json, statements 87 to 98.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using simdjson::dom::element;

/// A single string is a list of one; the reference searched for substrings instead.
std::set<std::string, std::less<>> types_of(const element& types) {
  std::set<std::string, std::less<>> names;
  std::string_view text;
  if (types.get(text) == simdjson::SUCCESS) {
    names.emplace(text);
    return names;
  }
  for (const element name : types.get_array()) names.emplace(name.get_string().value());
  return names;
}

Filter filter_of(const element& entry) {
  const std::string_view provider = entry.at(0).get_string();
  const element parameters = entry.at(1);
  if (provider == "severity_max_provider") return severity_max(parameters["severity"].get_int64());
  if (provider == "type_blacklist_provider") return type_blacklist(types_of(parameters["types"]));
  if (provider == "type_whitelist_provider") return type_whitelist(types_of(parameters["types"]));
  std::map<std::string, std::int64_t, std::less<>> limits;
  for (const auto& [type, limit] : parameters["types"].get_object()) {
    limits.emplace(type, limit["severity"].get_int64().value());
  }
  return type_severity_max(limits);
}

/// Cases that the parameter types rule out, or whose result differs by docs/compatibility.md.
const std::map<std::string, std::string, std::less<>>& not_replayed() {
  static const std::map<std::string, std::string, std::less<>> kReasons = {
      {"severity_param_string", "a severity is a number; of a configuration a text is an error"},
      {"type_severity_string", "limits are a map"},
      {"missing_param", "a maker's argument cannot be left out"},
  };
  return kReasons;
}

bool is_fixed(std::string_view name, std::string_view type) {
  // "o" and "" are no members of {"foo"}.
  return name == "whitelist_string" && type != "foo";
}

/// Sends every message of a case through a client whose filters are followed by `last`, if any.
void replay(const element& golden, const std::optional<Filter>& last) {
  const std::string_view name = golden["name"].get_string();
  ClientOptions options;
  options.logger = "tests";
  for (const element entry : golden["filters"].get_array()) {
    options.filters.push_back(filter_of(entry));
  }
  if (last.has_value()) options.filters.insert(options.filters.begin(), *last);
  TestEngine test({.client = options});
  const simdjson::dom::array input = golden["input"];
  std::size_t sent_before = 0;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::string_view type = input.at(i)["type"].get_string();
    const auto severity = static_cast<int>(input.at(i)["severity"].get_int64().value());
    const std::string_view result = golden["result"].at(i).get_string();
    test.client().metlog(type, {.severity = severity});
    const bool was_sent = test.settle().size() > sent_before;
    sent_before += was_sent ? 1 : 0;
    EXPECT_EQ(was_sent, result == "sent" && !is_fixed(name, type)) << type << " " << severity;
  }
  test.expect(test.client().stats().emitted);
}

TEST(Filter, DropsWhatTheReferenceDrops) {
  simdjson::dom::parser parser;
  const element golden = parser.load(METLOG_GOLDEN_DIR "/filters.json");
  const Filter looks_only("looks", [](Message&) { return true; });
  std::size_t replayed = 0;
  for (const element entry : golden["cases"]) {
    const std::string name(entry["name"].get_string().value());
    SCOPED_TRACE(name);
    if (not_replayed().contains(name)) continue;
    ++replayed;
    replay(entry, std::nullopt);
    replay(entry, looks_only);
  }
  EXPECT_EQ(replayed, 9U);
}

}  // namespace
}  // namespace metlog
