// Lists and maps in the fields and payloads of the function API, statement 20: the JSON that the
// values are, in both formats, and what is too deep or too long.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

#include "metlog/context.h"
#include "metlog/internal/site/field_bytes.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/methods.h"
#include "metlog/timed.h"
#include "metlog/timer.h"
#include "metlog/value.h"
#include "tests/support/lines.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

const ValueMap& sample() {
  static const ValueMap kSample = {{"b", ValueList{1, 2.5, true, nullptr, "x"}}};
  return kSample;
}

/// `[[[...]]]`, so many lists in each other.
Value lists_in_lists(int depth) {
  Value value(ValueList{});
  for (int i = 1; i < depth; ++i) value = ValueList{std::move(value)};
  return value;
}

std::string json_of(const Value& value) {
  std::string json;
  append_value_json(json, value);
  return json;
}

TEST(NestedFields, AreTheJsonThatTheyWereGivenAs) {
  TestEngine test;
  test.log().metlog("t", {.fields = {{"a", sample()}}});
  test.log().metlog("t", {.fields = {{"a", ValueMap{{"", ValueMap{}}}}, {"l", ValueList{}}}});
  test.log().metlog("t", {}, Value(sample()));
  test.log().metlog("t", {}, ValueList{"\n", "\xff", -5, UINT64_MAX});
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, "\"\"", R"("a":{"b":[1,2.5,true,null,"x"]})"),
                          envelope("t", 6, "\"\"", R"("a":{"":{}},"l":[])"),
                          envelope("t", 6, R"({"b":[1,2.5,true,null,"x"]})"),
                          envelope("t", 6, "[\"\\n\",\"\xEF\xBF\xBD\",-5,18446744073709551615]")));
}

TEST(NestedFields, OfEveryCallAreTheSame) {
  TestEngine test;
  const std::vector<Value> array = {1, "two"};
  test.log().incr("n", 1, {.fields = {{"a", array}}});
  test.log().timer_send("n", 2, {.fields = {{"a", array}}});
  { const Timer timer = test.log().timer("n", {.fields = {{"a", array}}}); }
  for (const std::string& message : test.settle()) EXPECT_EQ(field_of(message, "a"), "[1,\"two\"]");
}

TEST(NestedFields, OfAMethodCalledByName) {
  TestEngine test;
  test.expect(2);
  Client& client = test.client();
  client.call("metlog", {{"t"}, {{"fields", ValueMap{{"a", sample()}}}, {"payload", ValueList{1}}}})
      .value();
  client.call("incr", {{"n"}, {{"fields", ValueMap{{"a", sample()}}}}}).value();
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("t", 6, "[1]", R"("a":{"b":[1,2.5,true,null,"x"]})"),
                          envelope("counter", 6, R"("1")",
                                   R"("a":{"b":[1,2.5,true,null,"x"]},"name":"n","rate":1.0)")));
}

TEST(NestedFields, AsACountAreTheTextThatTheReferenceMadeOfThemButABoolIsItsNumber) {
  TestEngine test;
  test.log().incr("n", ValueList{1, "two"});
  test.log().incr("n", sample());
  test.log().incr("n", nullptr);
  test.log().incr("n", true);
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  EXPECT_THAT(payloads, ElementsAre("[1, 'two']", "{'b': [1, 2.5, True, None, 'x']}", "None", "1"));
}

TEST(NestedFields, AreJsonInALineToo) {
  TestEngine test({.client = {.logger = "tests", .format = MessageFormat::kText}});
  const ScopedContext scope({{"c", ValueList{"\x1b"}}});
  test.log().metlog("t", {.fields = {{"a", sample()}}}, ValueList{"\u2028"});
  EXPECT_THAT(test.settle(),
              ElementsAre(EndsWith(R"(tests: t ["\u2028"] a={"b":[1,2.5,true,null,"x"]} )"
                                   R"(c=["\u001b"])")));
}

TEST(NestedFields, PassAFilterOfTheUsers) {
  TestEngineOptions options;
  options.client.filters = {Filter("grow", [](Message& message) {
    message.change_fields().find("a")->as_list()->push_back(ValueMap{});
    return true;
  })};
  TestEngine test(std::move(options));
  test.log().metlog("t", {.fields = {{"a", ValueList{lists_in_lists(60)}}}});
  EXPECT_THAT(test.settle()[0], EndsWith("],{}]}}"));
}

TEST(NestedFields, BeyondTheBoundAreCountedAsTooBig) {
  TestEngine test;
  test.log().metlog("t", {.fields = {{"a", lists_in_lists(kMaxValueDepth)}}});
  test.log().metlog("t", {.fields = {{"a", lists_in_lists(kMaxValueDepth + 1)}}});
  test.log().metlog("t", {}, Value(ValueList(4'000, 1)));
  { const Timer timer = test.log().timer("n", {.fields = {{"a", ValueList(4'000, 1)}}}); }
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_FALSE(is_loss(messages[0]));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(loss_reason(messages[i]), "too_big");
}

TEST(NestedFields, AsACountOrATimeHaveTheSameBound) {
  TestEngine test;
  test.log().incr("n", lists_in_lists(kMaxValueDepth));
  test.log().incr("n", lists_in_lists(kMaxValueDepth + 1));
  test.log().timer_send("n", ValueList(4'000, 1), {.severity = 2});
  test.client().set_min_severity(Severity::kError);
  test.client().incr("n", lists_in_lists(kMaxValueDepth + 1));
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_FALSE(is_loss(messages[0]));
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(loss_reason(messages[i]), "too_big");
}

TEST(NestedFields, OfAContextAreBoundedToo) {
  TestEngine test;
  const ScopedContext outer({{"a", sample()}, {"b", 1}});
  const ScopedContext deep({{"deep", lists_in_lists(kMaxValueDepth + 1)}});
  EXPECT_THAT(deep.error(), HasSubstr("deep: lists and maps are nested deeper than 64"));
  const ScopedContext inner({{"b", ValueList{2}}});
  test.log().metlog("t", {.fields = {{"c", 3}}});
  const std::string message = test.settle()[0];
  EXPECT_EQ(field_of(message, "a"), R"({"b":[1,2.5,true,null,"x"]})");
  EXPECT_EQ(field_of(message, "b"), "[2]");
  EXPECT_EQ(field_of(message, "context_refused"), "\"depth\"");
}

TEST(NestedFields, AreCopiedByWhatIsCalledLater) {
  TestEngine test;
  test.expect(1);
  auto wrapped = [&] {
    const ValueMap gone = sample();
    return timed(test.client(), "n", [] {}, {.fields = {{"a", gone}, {"l", ValueList{1}}}});
  }();
  wrapped();
  const std::string message = test.settle()[0];
  EXPECT_EQ(field_of(message, "a"), R"({"b":[1,2.5,true,null,"x"]})");
  EXPECT_EQ(field_of(message, "l"), "[1]");
}

Value random_value(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 4 ? 5 : 7)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) >> (random() % 64);
    case 3:
      return static_cast<double>(static_cast<std::int64_t>(random())) / 4096;
    case 4:
      return std::string(random() % 20, static_cast<char>(random()));
    case 5: {
      ValueList list;
      for (std::uint64_t i = random() % 4; i > 0; --i) {
        list.push_back(random_value(random, depth + 1));
      }
      return list;
    }
    default: {
      ValueMap map;
      for (std::uint64_t i = random() % 4; i > 0; --i) {
        map.set(std::to_string(random() % 9), random_value(random, depth + 1));
      }
      return map;
    }
  }
}

TEST(NestedFields, OfAnyShapeComeOutAsTheyWentIn) {
  std::mt19937_64 random(20);
  for (int i = 0; i < 200; ++i) {
    TestEngine test;
    const Value value = random_value(random, 0);
    test.log().metlog("t", {.fields = {{"a", value}}}, value);
    EXPECT_EQ(test.settle()[0], envelope("t", 6, json_of(value), "\"a\":" + json_of(value)));
  }
}

// What a damaged record may hold: cut anywhere, and a byte changed.
TEST(NestedFields, AreValidJsonOfAnyBytesWithinTheirRoom) {
  std::mt19937_64 random(21);
  simdjson::dom::parser parser;
  unsigned char bytes[1024];
  for (int i = 0; i < 2'000; ++i) {
    const Value value = random_value(random, 0);
    CompositeWriter writer(bytes, sizeof bytes);
    const FieldValue written(value);
    writer.write(runtime_typed(written));
    ASSERT_EQ(field_value_bytes(value), writer.fits() ? writer.size() : field_value_bytes(value));
    const std::size_t size = random() % (writer.size() + 1);
    if (size != 0) {
      bytes[random() % size] = static_cast<unsigned char>("0bsl[{\xff"[random() % 7]);
    }
    std::string json(kValueTextExtra + kValueTextGrowth * size, '\0');
    ByteCursor cursor(bytes, size);
    const char* const end = append_json_field_value(json.data(), cursor);
    ASSERT_LE(end, json.data() + json.size());
    json.resize(static_cast<std::size_t>(end - json.data()));
    EXPECT_EQ(parser.parse(json).error(), simdjson::SUCCESS) << json;
    ByteCursor in_a_line(bytes, size);
    std::string line(kValueTextExtra + kValueTextGrowth * size, '\0');
    ASSERT_LE(append_line_field_value(line.data(), in_a_line), line.data() + line.size());
    ByteCursor skipped(bytes, size);
    skip_field_value(skipped);
    EXPECT_EQ(skipped.left(), cursor.left());
  }
}

}  // namespace
}  // namespace metlog
