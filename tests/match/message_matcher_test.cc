#include "tools/router/match/message_matcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/match/expression.h"

namespace metlog {
namespace {

/// A message whose parts were changed, for expressions.
class Sample {
 public:
  Sample(const EnvelopeParts& parts, const DecoderLimits& limits) : decoding_(limits) {
    EXPECT_EQ(decoding_.outcome(envelope(parts)), "accepted");
  }
  [[nodiscard]] bool matches(std::string_view expression) const {
    const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(expression);
    EXPECT_TRUE(matcher.ok()) << matcher.status();
    return matcher.ok() && matcher->matches(decoding_.message());
  }
  void expect(const std::vector<std::string>& matching,
              const std::vector<std::string>& others = {}) const {
    for (const std::string& text : matching) EXPECT_TRUE(matches(text)) << text;
    for (const std::string& text : others) EXPECT_FALSE(matches(text)) << text;
  }

 private:
  Decoding decoding_;
};

Sample sample(const EnvelopeParts& parts = {}, const DecoderLimits& limits = {}) {
  return Sample(parts, limits);
}

Sample with_fields(const std::string& fields) { return sample({{"fields", fields}}); }

TEST(MessageMatcher, ComparesIntegersExactly) {
  with_fields(R"({"id":9007199254740993,"big":18446744073709551615,"x":2.5,"n":-3})")
      .expect({"Fields[id] == 9007199254740993", "Fields[id] > 9007199254740992",
               "Fields[id] != 9007199254740992", "Fields[id] <= 9007199254740994.0",
               "Fields[id] < 9.1e15", "Fields[big] > 9223372036854775807",
               "Fields[big] == 1.8446744073709551615e19", "Fields[x] == 2.5", "Fields[x] > 2",
               "Fields[x] < 3.", "Fields[x] >= .5", "Fields[n] < 0", "Fields[n] != 3"},
              {"Fields[id] == 9007199254740992", "Fields[id] < 9007199254740993", "Fields[x] == 2",
               "Fields[n] > 0"});
}

TEST(MessageMatcher, ComparesTimeStampsAsNanoseconds) {
  const Sample utc = sample({{"timestamp", R"("2013-01-18T12:34:56.789012Z")"}});
  utc.expect({"Timestamp == 1358512496789012000", "Timestamp < 1358512496789012001",
              "Timestamp > 1358512496789011999", "Timestamp > 1.3e18"});
  const Sample zoned = sample({{"timestamp", R"("2013-01-18T13:34:56.7890120001234+01:00")"}});
  zoned.expect({"Timestamp == 1358512496789012000"});
  sample({{"timestamp", R"("1969-12-31T23:59:59.5Z")"}}).expect({"Timestamp < 0"});
  sample({{"timestamp", R"("1969-12-31 23:59:60")"}}).expect({"Timestamp == 0"});
  sample({{"timestamp", R"("9999-12-31T23:59:59Z")"}}).expect({"Timestamp > 9.2e18"});
  sample({{"timestamp", R"("0001-01-01T00:00:00Z")"}}).expect({"Timestamp < 0"});
  sample({{"timestamp", R"("never")"}}, {.any_timestamp = true}).expect({"Timestamp == 0"});
}

TEST(MessageMatcher, ComparesTextsBytewise) {
  sample({{"logger", R"("\u00e4\u0000b")"}})
      .expect({"Logger > 'z'", "Logger >= '\xc3\xa4'", "Logger =~ /^\xc3\xa4/",
               "Logger =~ /^.\\x00b$/", "Logger < '\xc3\xa5'", "Logger != '\xc3\xa4'"},
              {"Logger == '\xc3\xa4'", "Logger == ''"});
}

TEST(MessageMatcher, ReadsAPayloadThatIsNoTextAsJson) {
  sample({{"payload", "{ \"a\" : [1.50, 1e3,\t\"x y\\u00e9\" ] }"}})
      .expect({R"(Payload == '{"a":[1.50,1e3,"x y\u00e9"]}')"}, {"Payload == ''"});
  sample({{"payload", "25.0"}}).expect({"Payload == '25.0'", "Payload =~ /^25/"});
  sample({{"payload", "true"}}).expect({"Payload == 'true'"});
  sample({{"payload", "null"}}).expect({"Payload == ''"});
  sample({{"payload", "\"\""}}).expect({"Payload == ''"});
  // Keys that are written with escapes, and twice.
  Decoding decoding;
  ASSERT_EQ(
      decoding.outcome(R"({"pay\u006coad":[ 1 ],"type":"","timestamp":"2013-01-18T12:34:56Z",)"
                       R"("logger":"","severity":1,"fields":{},"env_version":"",)"
                       R"("metlog_pid":1,"metlog_hostname":"h","payload":[ 2 ]})"),
      "accepted");
  EXPECT_EQ(decoding.message().payload_text(), "[2]");
}

TEST(MessageMatcher, ReadsElementsOfArrays) {
  with_fields(R"({"a":[1,"two",true,null,[5],{}],"e":[],"s":"x"})")
      .expect({"Fields[a] == 1", "Fields[a][0] == 1", "Fields[a][0][1] == 'two'",
               "Fields[a][0][2] == TRUE", "Fields[a][0][3] == NIL", "Fields[a][0][4] == NIL",
               "Fields[a][0][5] == NIL", "Fields[a][0][6] == NIL", "Fields[e] == NIL",
               "Fields[s][0][0] == 'x'", "Fields[s][0][1] == NIL", "Fields[s][1] == NIL",
               "Fields[a][0][1] != NIL", "Fields[a][0][18446744073709551615] == NIL"},
              {"Fields[a] == 'two'", "Fields[a][1] == 1", "Fields[a][0][4] == 5",
               "Fields[s][1] != NIL", "Fields[e] != ''"});
}

TEST(MessageMatcher, NamesMembersOfObjectsByDots) {
  with_fields(R"({"http":{"status":200,"url":{"path":"/a"},"list":[7,8]},"http.status":404,)"
              R"("a.b":{"c":1},"o":{},"n":null})")
      .expect(
          {"Fields[http.status] == 404", "Fields[http.url.path] == '/a'",
           "Fields[http.list][0][1] == 8", "Fields[http.list] == 7", "Fields[a.b.c] == 1",
           "Fields[http] == NIL", "Fields[o] == NIL", "Fields[n] == NIL", "Fields[http.no] == NIL",
           "Fields[.] == NIL", "Fields[http.] == NIL", "Fields[http.url.path.x] == NIL"},
          {"Fields[http] == 'x'", "Fields[n] == ''", "Fields[n] != ''"});
}

TEST(MessageMatcher, PrefersAKeyWithDotsToAPath) {
  with_fields(R"({"p":{"q":[1,2]},"p.q":[3,4],"r":{"s.t":{"u":5},"s":6}})")
      .expect({"Fields[p.q] == 3", "Fields[p.q][0][1] == 4", "Fields[r.s.t.u] == 5",
               "Fields[r.s] == 6", "Fields[r.s.t] == NIL"});
}

TEST(MessageMatcher, LetsNoOperatorHoldBetweenDifferentTypes) {
  const Sample message =
      with_fields(R"({"n":5,"s":"5","t":"TRUE","f":"FALSE","yes":true,"no":false})");
  for (const std::string op : {" == ", " != ", " < ", " <= ", " > ", " >= "}) {
    message.expect({}, {"Fields[n]" + op + "'5'", "Fields[s]" + op + "5", "Fields[x]" + op + "5",
                        "Fields[x]" + op + "'5'", "Fields[yes]" + op + "1"});
    // hekad asked then whether the bool is false.
    message.expect({"Fields[no]" + op + "1", "Fields[no]" + op + "'x'"});
  }
  message.expect({"Fields[t] == TRUE", "Fields[f] == FALSE", "Fields[yes] == TRUE",
                  "Fields[no] == FALSE", "Fields[no] != NIL", "Fields[no] =~ /x/"},
                 {"Fields[n] =~ /5/", "Fields[n] !~ /5/", "Fields[n] == TRUE", "Fields[n] == FALSE",
                  "Fields[x] =~ //", "Fields[x] !~ /a/", "Fields[t] == FALSE", "Fields[s] == FALSE",
                  "Fields[no] == NIL", "Fields[yes] == FALSE", "Fields[yes] =~ /x/"});
}

TEST(MessageMatcher, ReadsTextsAndNamesAsWritten) {
  sample({{"type", R"("it's \"\\\\\"")"}})
      .expect({R"(Type == 'it\'s "\\"')", R"(Type == "it's \"\\\"")"}, {R"(Type == "it's")"});
  sample({{"payload", R"("a/b\nc")"}}).expect({"Payload =~ /a\\/b/", "Payload == 'a/b\nc'"});
  with_fields(R"({"a b":1,"'x'":2,"\u00e4[":3,"a\"":4})")
      .expect(
          {"Fields[a b] == 1", "Fields['x'] == 2", "Fields[\xc3\xa4[] == 3", "Fields[a\"] == 4"});
}

TEST(MessageMatcher, EvaluatesFromTheLeftAndBindsAndTighter) {
  const Sample message = sample();
  // Every expression of four constants and three operators, against C++.
  for (unsigned bits = 0; bits < 128; ++bits) {
    const auto bit = [bits](unsigned i) { return (bits >> i & 1U) != 0; };
    std::string text;
    std::vector<bool> terms;  // those that || joins
    for (unsigned i = 0; i < 4; ++i) {
      const bool is_and = i > 0 && bit(3 + i);
      if (i > 0) text += is_and ? "&&" : "||";
      text += bit(i) ? "TRUE" : "FALSE";
      if (is_and) {
        terms.back() = terms.back() && bit(i);
      } else {
        terms.push_back(bit(i));
      }
    }
    const bool wanted = std::find(terms.begin(), terms.end(), true) != terms.end();
    EXPECT_EQ(message.matches(text), wanted) << text;
  }
  message.expect({"TRUE || FALSE && FALSE", "((TRUE)) && (FALSE || (TRUE))"},
                 {"(TRUE || FALSE) && FALSE", "(TRUE || TRUE) && (FALSE)"});
}

TEST(MessageMatcher, WritesItselfWithTheFewestParentheses) {
  const auto text_of = [](std::string_view text) {
    const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(text);
    return matcher.ok() ? matcher->text() : std::string(matcher.status().message());
  };
  EXPECT_EQ(text_of("((Type=='a'))&&( TRUE||(FALSE&&TRUE) )\n"),
            "Type == 'a' && (TRUE || FALSE && TRUE)");
  EXPECT_EQ(text_of("(TRUE&&TRUE)&&TRUE||(FALSE)"), "TRUE && TRUE && TRUE || FALSE");
  EXPECT_EQ(text_of("Fields[a][0][0]>=1.50||Fields[b][0][2]!~/\\/x/||Fields[c][3]!=NIL"),
            "Fields[a] >= 1.50 || Fields[b][0][2] !~ /\\/x/ || Fields[c][3] != NIL");
  EXPECT_EQ(text_of(R"(Type == "it's \"\\")"), R"(Type == "it's \"\\")");
}

TEST(MessageMatcher, NotesWhatIsHardlyMeant) {
  const auto notes = [](std::string_view text) { return MessageMatcher::compile(text)->notes(); };
  using Notes = std::vector<std::string>;
  EXPECT_EQ(notes("Severity == 1.2.3"), Notes{"column 13: 1.2.3 is not a number; it counts as 0"});
  EXPECT_EQ(notes("TRUE &&\n Pid == 1e999"),
            Notes{"line 2, column 9: 1e999 is not a number; it counts as 0"});
  EXPECT_EQ(notes("Uuid == ''"), Notes{"column 1: messages have no Uuid; it reads as ''"});
  EXPECT_EQ(notes("Fields['x'] == NIL"),
            Notes{"column 1: the quotes are a part of the name in Fields['x']"});
  EXPECT_EQ(notes("TRUE || Fields[x][2] == NIL"),
            Notes{"column 9: a message has each field once, so Fields[x][2] is missing; its "
                  "element 2 is Fields[x][0][2]"});
  EXPECT_EQ(notes("Type == 'a' && Fields[x][0][2] > 1.5e3"), Notes{});
}

TEST(MessageMatcher, IsNotEndedByDeepOrLongExpressions) {
  const auto compiles = [](const std::string& text) { return MessageMatcher::compile(text).ok(); };
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "TRUE" + std::string(depth, ')');
  };
  EXPECT_TRUE(compiles(nested(kMaxExpressionDepth)));
  EXPECT_FALSE(compiles(nested(kMaxExpressionDepth + 1)));
  EXPECT_FALSE(compiles(std::string(60'000, '(')));
  EXPECT_FALSE(compiles(std::string(60'000, ')')));
  // Depth is what lies around a place, not the number of parentheses.
  std::string wide = "(TRUE)";
  for (int i = 0; i < 5'000; ++i) wide += "&&(TRUE)";
  EXPECT_TRUE(sample().matches(wide));
  EXPECT_FALSE(compiles("TRUE" + std::string(kMaxExpressionBytes, ' ')));
  std::string odd = "Uuid==''";
  for (int i = 0; i < 5'000; ++i) odd += "||Uuid==''";
  EXPECT_EQ(MessageMatcher::compile(odd)->notes().size(), 10U);
  std::string regexes = "TRUE";
  for (std::size_t i = 0; i < kMaxExpressionRegexes; ++i) regexes += "||Type=~/a+b/";
  EXPECT_TRUE(compiles(regexes + "||Type=~/plain/"));
  EXPECT_FALSE(compiles(regexes + "||Type=~/a+/"));
}

}  // namespace
}  // namespace metlog
