#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tools/router/match/message_matcher.h"

// What an expression that is refused is told.
namespace metlog {
namespace {

std::string error_of(std::string_view text) {
  const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(text);
  return matcher.ok() ? "none" : std::string(matcher.status().message());
}

/// The first line of the error.
std::string told(std::string_view text) {
  const std::string error = error_of(text);
  return error.substr(0, error.find('\n'));
}

TEST(MatchError, MarksThePlace) {
  EXPECT_EQ(error_of("Type == 'a' && Typ == 'b'"),
            "column 16: Typ is no variable; did you mean Type?\n"
            "  Type == 'a' && Typ == 'b'\n"
            "                 ^^^");
  EXPECT_EQ(error_of("Type == 'a' &&\n\tSeverity =~ /x/\n|| TRUE"),
            "line 2, column 14: Severity is a number; it takes == != < <= > >=, no regular "
            "expression\n"
            "   Severity =~ /x/\n"
            "               ^^^");
  EXPECT_EQ(error_of("( TRUE"),
            "column 7: expected ) to close the ( at column 1, found the end\n"
            "  ( TRUE\n"
            "        ^");
}

TEST(MatchError, CountsCharactersAndShowsNoneThatATerminalInterprets) {
  EXPECT_EQ(error_of("Type == '\xc3\xa4\x1b[2J\xe2\x80\xae' Bogus"),
            "column 18: Bogus is no variable; write Fields[Bogus] for a field, 'Bogus' for a text, "
            "or one of Type, Logger, Severity, Payload, EnvVersion, Pid, Hostname, Timestamp, "
            "Uuid\n"
            "  Type == '\xc3\xa4?[2J?' Bogus\n"
            "                   ^^^^^");
}

TEST(MatchError, ShowsAPartOfALongLine) {
  const std::string error = error_of(std::string(5000, ' ') + "X" + std::string(5000, ' '));
  const std::string line = error.substr(error.find('\n') + 1);
  const std::string shown = line.substr(0, line.find('\n'));
  const std::string mark = line.substr(line.find('\n') + 1);
  EXPECT_LT(shown.size(), 80U);
  EXPECT_EQ(shown.find('X'), mark.find('^'));
  EXPECT_TRUE(error.starts_with("column 5001: "));
}

TEST(MatchError, CutsWhatIsLong) {
  const std::string name(10'000, 'x');
  for (const std::string& text :
       {name, "Fields[" + name + "]", "Fields[" + name + "] == " + name, "'" + name + "'",
        "Type =~ /" + name + "(/", "Fields[" + name + "] = 5", "TRUE Fields[" + name + "]"}) {
    EXPECT_LT(error_of(text).size(), 600U) << text;
  }
  const absl::StatusOr<MessageMatcher> matcher =
      MessageMatcher::compile("Fields['" + name + "'][5] == " + std::string(10'000, '1'));
  ASSERT_TRUE(matcher.ok());
  for (const std::string& note : matcher->notes()) EXPECT_LT(note.size(), 300U);
}

TEST(MatchError, SuggestsTheNearestName) {
  EXPECT_EQ(told("type == 'a'"), "column 1: type is no variable; did you mean Type?");
  EXPECT_EQ(told("Serverity == 1"), "column 1: Serverity is no variable; did you mean Severity?");
  EXPECT_EQ(told("metlog_pid == 1"), "column 1: metlog_pid is no variable; did you mean Pid?");
  EXPECT_EQ(told("field[x] == 1"), "column 1: field is no variable; did you mean Fields[name]?");
  EXPECT_EQ(told("true"), "column 1: true is no variable; did you mean TRUE?");
  EXPECT_EQ(told("TRUE and FALSE"), "column 6: and is no variable; did you mean &&?");
}

TEST(MatchError, SaysWhatIsWrittenInstead) {
  EXPECT_EQ(told("Severity = 6"),
            "column 10: = is no operator; write == to compare, =~ for a regular expression");
  EXPECT_EQ(told("!TRUE"),
            "column 1: ! is no operator; write !=, !~ or == FALSE, or the opposite comparison");
  EXPECT_EQ(told("Pid == -1"), "column 8: a number has no sign; compare the other way round");
  EXPECT_EQ(told("Type & Type"), "column 6: & is no operator; write &&");
  EXPECT_EQ(told("Type == 6"),
            "column 9: Type is a text; compare it with one in quotes, such as 'a'");
  EXPECT_EQ(told("Pid == '6'"), "column 8: Pid is a number; compare it with one, such as 6");
  EXPECT_EQ(told("Type == /a/"), "column 9: a regular expression goes with =~ or !~, not with ==");
  EXPECT_EQ(told("Type =~ 'a'"),
            "column 9: =~ takes a regular expression between slashes, such as /^db/");
  EXPECT_EQ(told("Fields[a] != TRUE"), "column 14: TRUE and FALSE go with == only");
  EXPECT_EQ(told("Fields[a] < NIL"), "column 13: NIL goes with == or != only");
  EXPECT_EQ(told("'a' == Type"),
            "column 1: a comparison begins with its variable, such as Type, found 'a'");
  EXPECT_EQ(told("TRUE == Fields[a]"),
            "column 6: the variable stands on the left: Fields[name] == TRUE");
  EXPECT_EQ(told("Type == \xc3\xa4"),
            "column 9: \xc3\xa4 has no meaning here; texts are in quotes, fields are Fields[name]");
}

TEST(MatchError, SaysWhatIsMissing) {
  EXPECT_EQ(told(""),
            "column 1: the expression is empty; TRUE is the one that every message matches");
  EXPECT_EQ(
      told(" \n\t"),
      "line 2, column 2: the expression is empty; TRUE is the one that every message matches");
  EXPECT_EQ(told("Type"),
            "column 5: expected an operator after Type: == != < <= > >= =~ or !~, found the end");
  EXPECT_EQ(told("Type =="),
            "column 8: expected what to compare with after ==: a text in quotes, found the end");
  EXPECT_EQ(told("TRUE &&"),
            "column 8: expected a comparison such as Type == 'timer', TRUE, FALSE or (, found the "
            "end");
  EXPECT_EQ(told("()"),
            "column 2: expected a comparison such as Type == 'timer', TRUE, FALSE or (, found )");
  EXPECT_EQ(told("TRUE )"), "column 6: this ) closes nothing");
  EXPECT_EQ(told("Fields == 1"), "column 7: Fields needs a name directly after it: Fields[name]");
  EXPECT_EQ(told("Fields[] == 1"), "column 7: the name of the field is missing: Fields[name]");
  EXPECT_EQ(told("Fields[a == 1"), "column 7: this bracket is not closed; write Fields[name]");
  EXPECT_EQ(told("Fields[a][0"),
            "column 10: an index has digits only and ends with ]: Fields[name][0]");
  EXPECT_EQ(told("Fields[a][0][99999999999999999999] == 1"),
            "column 13: an index has digits only and ends with ]: Fields[name][0]");
  EXPECT_EQ(told("Fields[a][0][0][0] == 1"),
            "column 16: a field has three brackets at most: Fields[name][index][element]");
}

// hekad took each of these for the end of the text, and the expression for complete.
TEST(MatchError, RefusesWhatHekadTookForTheEnd) {
  EXPECT_EQ(told("TRUE FALSE"),
            "column 6: expected && or || or the end, found FALSE; join two comparisons with && or "
            "||");
  EXPECT_TRUE(told("TRUE Bogus && FALSE").starts_with("column 6: Bogus is no variable"));
  EXPECT_EQ(told("TRUE 'abc"), "column 6: this text is not closed; its end is '");
  EXPECT_EQ(told(R"(Type == 'a\')"),
            "column 9: this text is not closed; its end is ', and a backslash before that makes it "
            "a part of it");
  EXPECT_EQ(told("TRUE /abc"), "column 6: this regular expression is not closed; its end is /");
  EXPECT_EQ(told("TRUE Fields[abc"), "column 12: this bracket is not closed; write Fields[name]");
  EXPECT_EQ(told("TRUE Fields"), "column 12: Fields needs a name directly after it: Fields[name]");
  EXPECT_TRUE(told("TRUE \x01").starts_with("column 6: "));
  EXPECT_TRUE(told(std::string_view("TRUE\0&& FALSE", 13)).starts_with("column 5: "));
  EXPECT_TRUE(MessageMatcher::compile("TRUE\n&& FALSE").ok());
}

TEST(MatchError, NamesThePartOfARegularExpression) {
  EXPECT_EQ(error_of("Type =~ /ab(?=c)/"),
            "column 12: invalid perl operator: (?=\n"
            "  Type =~ /ab(?=c)/\n"
            "             ^^^");
  EXPECT_EQ(told("Type =~ /\\ytest/"), "column 10: invalid escape sequence: \\y");
  EXPECT_EQ(told("Type =~ /a{2000}/"), "column 11: invalid repetition size: {2000}");
  EXPECT_EQ(told("Type =~ /(a/"), "column 10: missing ): (a");
  EXPECT_TRUE(told("Type =~ /a\\C/").starts_with("column 11: \\C stands for a byte"));
  EXPECT_TRUE(told("Type =~ /((a{100}){100}){100}/").starts_with("column "));
}

TEST(MatchError, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(told("Type == '\xff'"), "byte 10 of the expression is not UTF-8, as messages are");
}

}  // namespace
}  // namespace metlog
