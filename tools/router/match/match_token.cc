#include "tools/router/match/match_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/nearest_name.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/router/match/match_error.h"

namespace metlog {
namespace {

using Kind = MatchToken::Kind;

constexpr std::array<std::string_view, 10> kVariables = {
    "Type", "Logger",   "Severity",  "Payload", "EnvVersion",
    "Pid",  "Hostname", "Timestamp", "Uuid",    "Fields"};
constexpr std::array<std::string_view, 8> kOperators = {
    "==", "!=", "<", "<=", ">", ">=", "=~", "!~"};

struct Word {
  std::string_view written;
  std::string_view meant;
};
// What an envelope calls the variables, and what other languages call the operators.
constexpr Word kOtherWords[] = {
    {"metlog_pid", "Pid"},
    {"metlog_hostname", "Hostname"},
    {"env_version", "EnvVersion"},
    {"host", "Hostname"},
    {"message", "Payload"},
    {"name", "Fields[name]"},
    {"null", "NIL"},
    {"none", "NIL"},
    {"and", "&&"},
    {"or", "||"},
    {"AND", "&&"},
    {"OR", "||"},
};

struct Sign {
  std::string_view written;
  std::string_view advice;
};
constexpr Sign kOtherSigns[] = {
    {"=", "= is no operator; write == to compare, =~ for a regular expression"},
    {"!", "! is no operator; write !=, !~ or == FALSE, or the opposite comparison"},
    {"&", "& is no operator; write &&"},
    {"|", "| is no operator; write ||"},
    {"-", "a number has no sign; compare the other way round"},
    {"+", "a number has no sign"},
    {"~", "~ is no operator; write =~ or !~"},
    {"]", "] closes nothing"},
    {"[", "a name in brackets belongs directly after Fields: Fields[name]"},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Reads all characters as a number; empty when they form none, or one too large for a double.
std::optional<MatchNumber> number_of(std::string_view text) {
  MatchNumber value;
  const char* const end = text.data() + text.size();
  const auto [integer_end, integer_error] = std::from_chars(text.data(), end, value.integer);
  value.is_integer = integer_error == std::errc() && integer_end == end;
  if (value.is_integer) {
    value.number = static_cast<double>(value.integer);
    return value;
  }
  const auto [number_end, error] = std::from_chars(text.data(), end, value.number);
  if (error != std::errc() || number_end != end) return std::nullopt;
  constexpr double kEndOfIntegers = 9223372036854775808.0;  // 2^63
  value.is_integer = value.number == std::floor(value.number) && value.number < kEndOfIntegers;
  value.integer = value.is_integer ? static_cast<std::int64_t>(value.number) : 0;
  return value;
}

}  // namespace

std::string_view name_of(Variable variable) {
  return kVariables[static_cast<std::size_t>(variable)];
}

std::string_view name_of(Operator op) { return kOperators[static_cast<std::size_t>(op)]; }

absl::Status MatchLexer::error(std::size_t begin, std::size_t end, std::string_view what) const {
  return match_error(text_, begin, end, what);
}

MatchToken MatchLexer::token(Kind kind, std::size_t begin) const {
  MatchToken token;
  token.kind = kind;
  token.begin = begin;
  token.end = at_;
  return token;
}

absl::StatusOr<MatchToken> MatchLexer::next() {
  while (is_blank(at(0))) ++at_;
  const char c = at(0);
  if (at_ >= text_.size()) return token(Kind::kEnd, at_);
  if (is_letter(c)) return word();
  if (is_digit(c) || c == '.') return number();
  if (c == '\'' || c == '"') return quoted();
  if (c == '/') return pattern();
  return sign();
}

absl::StatusOr<MatchToken> MatchLexer::sign() {
  const std::size_t begin = at_;
  const std::string_view pair = text_.substr(at_, 2);
  // The longest first: <= is not < and =.
  for (const std::size_t bytes : {std::size_t{2}, std::size_t{1}}) {
    const auto* const found =
        std::find(kOperators.begin(), kOperators.end(), pair.substr(0, bytes));
    if (found == kOperators.end()) continue;
    at_ += bytes;
    MatchToken found_token = token(Kind::kOperator, begin);
    found_token.part.op = static_cast<Operator>(found - kOperators.begin());
    return found_token;
  }
  if (pair == "&&" || pair == "||") {
    at_ += 2;
    return token(pair == "&&" ? Kind::kAnd : Kind::kOr, begin);
  }
  if (at(0) != '(' && at(0) != ')') return unknown_sign();
  ++at_;
  return token(text_[begin] == '(' ? Kind::kOpen : Kind::kClose, begin);
}

absl::Status MatchLexer::unknown_sign() const {
  const std::string_view rest = text_.substr(at_);
  const std::string_view character = rest.substr(0, first_utf8_sequence(rest).bytes);
  for (const Sign& sign : kOtherSigns) {
    if (sign.written == character) return error(at_, at_ + 1, sign.advice);
  }
  return error(at_, at_ + character.size(),
               fmt::format("{} has no meaning here; texts are in quotes, fields are Fields[name]",
                           escape_for_terminal(character)));
}

absl::StatusOr<MatchToken> MatchLexer::word() {
  const std::size_t begin = at_;
  while (is_letter(at(0)) || is_digit(at(0))) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (word == "TRUE" || word == "FALSE" || word == "NIL") {
    MatchToken found = token(Kind::kLiteral, begin);
    found.part.literal = word == "TRUE"    ? Literal::kTrue
                         : word == "FALSE" ? Literal::kFalse
                                           : Literal::kNil;
    found.part.source = word;
    return found;
  }
  const auto* const name = std::find(kVariables.begin(), kVariables.end(), word);
  if (name == kVariables.end()) return unknown_word(begin, word);
  MatchToken found = token(Kind::kVariable, begin);
  found.part.variable = static_cast<Variable>(name - kVariables.begin());
  if (found.part.variable == Variable::kField) {
    if (absl::Status status = read_brackets(found.part); !status.ok()) return status;
    found.end = at_;
  }
  return found;
}

absl::Status MatchLexer::unknown_word(std::size_t begin, std::string_view word) const {
  constexpr std::array<std::string_view, 13> kWords = {
      "Type",      "Logger", "Severity", "Payload", "EnvVersion", "Pid", "Hostname",
      "Timestamp", "Uuid",   "Fields",   "TRUE",    "FALSE",      "NIL"};
  std::string_view meant = nearest_name(word, kWords);
  for (const Word& other : kOtherWords) {
    if (other.written == word) meant = other.meant;
  }
  const std::string shown = cut_to_width(word, 40);
  if (meant == "Fields") meant = "Fields[name]";
  if (!meant.empty()) {
    return error(begin, begin + word.size(),
                 fmt::format("{} is no variable; did you mean {}?", shown, meant));
  }
  return error(begin, begin + word.size(),
               fmt::format("{} is no variable; write Fields[{}] for a field, '{}' for a text, or "
                           "one of Type, Logger, Severity, Payload, EnvVersion, Pid, Hostname, "
                           "Timestamp, Uuid",
                           shown, shown, shown));
}

absl::Status MatchLexer::read_brackets(Comparison& part) {
  constexpr std::size_t kMaxBrackets = 3;
  if (at(0) != '[') {
    return error(at_, at_ + 1, "Fields needs a name directly after it: Fields[name]");
  }
  const std::size_t open = at_;
  const std::size_t close = text_.find(']', open);
  if (close == std::string_view::npos) {
    return error(open, open + 1, "this bracket is not closed; write Fields[name]");
  }
  part.field = text_.substr(open + 1, close - open - 1);
  if (part.field.empty()) {
    return error(open, close + 1, "the name of the field is missing: Fields[name]");
  }
  at_ = close + 1;
  for (std::size_t count = 1; at(0) == '['; ++count) {
    if (count == kMaxBrackets) {
      return error(at_, at_ + 1,
                   "a field has three brackets at most: Fields[name][index][element]");
    }
    if (absl::Status status = read_index(count == 1 ? part.index : part.element); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status MatchLexer::read_index(std::uint64_t& index) {
  const std::size_t open = at_;
  const std::size_t close = std::min(text_.find(']', open), text_.size());
  const std::string_view digits = text_.substr(open + 1, close - open - 1);
  const char* const end = digits.data() + digits.size();
  const auto [number_end, fault] = std::from_chars(digits.data(), end, index);
  const bool is_number = fault == std::errc() && number_end == end;
  if (!is_number || close == text_.size()) {
    return error(open, std::min(close + 1, text_.size()),
                 "an index has digits only and ends with ]: Fields[name][0]");
  }
  at_ = close + 1;
  return absl::OkStatus();
}

absl::StatusOr<MatchToken> MatchLexer::number() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find_first_not_of("0123456789.e+-", begin), text_.size());
  MatchToken found = token(Kind::kLiteral, begin);
  found.part.literal = Literal::kNumber;
  found.part.source = source_of(found);
  const std::optional<MatchNumber> value = number_of(found.part.source);
  found.is_number = value.has_value();
  found.part.number = value.value_or(MatchNumber{.is_integer = true});
  return found;
}

/// Reads to the closing quote. A backslash before the quote makes it a part of the text; before
/// anything else it is a character.
absl::StatusOr<std::string> MatchLexer::until(char quote, std::string_view what) {
  const std::size_t begin = at_++;
  std::string value;
  for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
    const bool is_pair = text_[at_] == '\\' && at_ + 1 < text_.size();
    if (is_pair && text_[at_ + 1] != quote) value += text_[at_];
    at_ += is_pair ? 1 : 0;
    value += text_[at_];
  }
  if (at_ < text_.size()) {
    ++at_;
    return value;
  }
  const bool ends_in_backslash = text_.size() > begin + 1 && text_[text_.size() - 1] == quote;
  return error(
      begin, begin + 1,
      fmt::format("{} is not closed; its end is {}{}", what, quote,
                  ends_in_backslash ? ", and a backslash before that makes it a part of it" : ""));
}

absl::StatusOr<MatchToken> MatchLexer::quoted() {
  const std::size_t begin = at_;
  absl::StatusOr<std::string> text = until(text_[at_], "this text");
  if (!text.ok()) return text.status();
  MatchToken found = token(Kind::kLiteral, begin);
  found.part.literal = Literal::kText;
  found.part.text = *std::move(text);
  found.part.source = source_of(found);
  return found;
}

absl::StatusOr<MatchToken> MatchLexer::pattern() {
  const std::size_t begin = at_;
  absl::StatusOr<std::string> regex = until('/', "this regular expression");
  if (!regex.ok()) return regex.status();
  MatchToken found = token(Kind::kLiteral, begin);
  found.part.literal = Literal::kPattern;
  found.part.source = source_of(found);
  TextPattern pattern(*regex);
  if (!pattern.ok()) {
    // Where the part is that RE2 names; it gives no position.
    const std::size_t part = found.part.source.find(pattern.error_part());
    const bool is_found = part != std::string::npos && !pattern.error_part().empty();
    const std::string what = cut_to_width(escape_for_terminal(pattern.error()), 80);
    return is_found ? error(begin + part, begin + part + pattern.error_part().size(), what)
                    : error(begin, at_, what);
  }
  found.part.pattern = std::move(pattern);
  return found;
}

}  // namespace metlog
