#include "tools/router/match/expression.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "metlog/internal/base/utf8.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/router/match/match_error.h"
#include "tools/router/match/match_token.h"

namespace metlog {
namespace {

using Kind = MatchToken::Kind;

bool is_numeric(Variable variable) {
  return variable == Variable::kSeverity || variable == Variable::kPid ||
         variable == Variable::kTimestamp;
}

bool is_pattern_operator(Operator op) { return op == Operator::kFits || op == Operator::kFitsNot; }

bool is_equality(Operator op) { return op == Operator::kEqual || op == Operator::kNotEqual; }

constexpr std::size_t kMaxNotes = 10;  // a long expression may give cause for thousands

/// A part of the expression for a message.
std::string shown(std::string_view part) {
  constexpr std::size_t kShown = 40;
  return cut_to_width(escape_for_terminal(part), kShown);
}

/// The bytes of the text before the first that is not UTF-8.
std::size_t valid_utf8_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Utf8Sequence next = first_utf8_sequence(text.substr(at));
    if (!next.is_valid) break;
    at += next.bytes;
  }
  return at;
}

/// What is wrong with a complete comparison; empty when nothing is.
std::string fault_of(const Comparison& test) {
  const std::string name = shown(variable_text(test));
  const bool has_pattern = test.literal == Literal::kPattern;
  if (is_pattern_operator(test.op) && is_numeric(test.variable)) {
    return fmt::format("{} is a number; it takes == != < <= > >=, no regular expression", name);
  }
  if (is_pattern_operator(test.op) && !has_pattern) {
    return fmt::format("{} takes a regular expression between slashes, such as /^db/",
                       name_of(test.op));
  }
  if (has_pattern && !is_pattern_operator(test.op)) {
    return fmt::format("a regular expression goes with =~ or !~, not with {}", name_of(test.op));
  }
  if (is_numeric(test.variable) && test.literal != Literal::kNumber) {
    return fmt::format("{} is a number; compare it with one, such as 6", name);
  }
  if (test.variable != Variable::kField) {
    const bool takes = is_numeric(test.variable) || has_pattern || test.literal == Literal::kText;
    return takes ? ""
                 : fmt::format("{} is a text; compare it with one in quotes, such as 'a'", name);
  }
  const bool is_bool = test.literal == Literal::kTrue || test.literal == Literal::kFalse;
  if (is_bool && test.op != Operator::kEqual) return "TRUE and FALSE go with == only";
  if (test.literal == Literal::kNil && !is_equality(test.op)) return "NIL goes with == or != only";
  return "";
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

  absl::StatusOr<ParsedExpression> parse();

 private:
  using Parsed = absl::StatusOr<Expression>;

  absl::Status advance();
  Parsed joined(Kind joint);
  Parsed operand();
  Parsed parenthesis();
  Parsed comparison();
  absl::Status take_literal(Comparison& test);
  void note_oddities(const Comparison& test, std::size_t begin);
  [[nodiscard]] absl::Status at_token(std::string_view what) const {
    return lexer_.error(token_.begin, token_.end, what);
  }
  [[nodiscard]] std::string found() const;
  [[nodiscard]] absl::Status trailing() const;

  const std::string_view text_;
  MatchLexer lexer_;
  MatchToken token_;
  std::size_t depth_ = 0;
  std::size_t regexes_ = 0;
  std::vector<std::string> notes_;
};

absl::Status Parser::advance() {
  absl::StatusOr<MatchToken> next = lexer_.next();
  if (!next.ok()) return next.status();
  token_ = *std::move(next);
  return absl::OkStatus();
}

/// "found X" for a message.
std::string Parser::found() const {
  return "found " + (token_.kind == Kind::kEnd ? "the end" : shown(lexer_.source_of(token_)));
}

absl::StatusOr<ParsedExpression> Parser::parse() {
  if (text_.size() > kMaxExpressionBytes) {
    return absl::InvalidArgumentError(fmt::format("the expression has {} bytes; {} are allowed",
                                                  grouped(text_.size()),
                                                  grouped(kMaxExpressionBytes)));
  }
  if (const std::size_t valid = valid_utf8_bytes(text_); valid != text_.size()) {
    return absl::InvalidArgumentError(
        fmt::format("byte {} of the expression is not UTF-8, as messages are", valid + 1));
  }
  if (absl::Status status = advance(); !status.ok()) return status;
  if (token_.kind == Kind::kEnd) {
    return at_token("the expression is empty; TRUE is the one that every message matches");
  }
  Parsed root = joined(Kind::kOr);
  if (!root.ok()) return root.status();
  if (token_.kind != Kind::kEnd) return trailing();
  return ParsedExpression{*std::move(root), std::move(notes_)};
}

absl::Status Parser::trailing() const {
  if (token_.kind == Kind::kClose) return at_token("this ) closes nothing");
  const bool begins =
      token_.kind == Kind::kVariable || token_.kind == Kind::kOpen || token_.kind == Kind::kLiteral;
  return at_token(fmt::format("expected && or || or the end, {}{}", found(),
                              begins ? "; join two comparisons with && or ||" : ""));
}

/// Reads operands that || joins, or those of && that each of them is.
Parser::Parsed Parser::joined(Kind joint) {
  const auto read = [&] { return joint == Kind::kOr ? joined(Kind::kAnd) : operand(); };
  Parsed first = read();
  if (!first.ok() || token_.kind != joint) return first;
  Expression all;
  all.kind = joint == Kind::kOr ? Expression::Kind::kAny : Expression::Kind::kAll;
  all.parts.push_back(*std::move(first));
  while (token_.kind == joint) {
    if (absl::Status status = advance(); !status.ok()) return status;
    Parsed next = read();
    if (!next.ok()) return next;
    all.parts.push_back(*std::move(next));
  }
  return all;
}

Parser::Parsed Parser::operand() {
  if (token_.kind == Kind::kOpen) return parenthesis();
  if (token_.kind == Kind::kVariable) return comparison();
  if (token_.kind != Kind::kLiteral) {
    return at_token(fmt::format(
        "expected a comparison such as Type == 'timer', TRUE, FALSE or (, {}", found()));
  }
  Expression constant;
  if (token_.part.literal == Literal::kFalse) {
    constant.kind = Expression::Kind::kFalse;
  } else if (token_.part.literal != Literal::kTrue) {
    return at_token(
        fmt::format("a comparison begins with its variable, such as Type, {}", found()));
  }
  if (absl::Status status = advance(); !status.ok()) return status;
  const bool is_compared = token_.kind == Kind::kOperator;
  if (is_compared) return at_token("the variable stands on the left: Fields[name] == TRUE");
  return constant;
}

Parser::Parsed Parser::parenthesis() {
  const MatchToken open = std::move(token_);
  if (++depth_ > kMaxExpressionDepth) {
    return lexer_.error(
        open.begin, open.end,
        fmt::format("more than {} parentheses are nested here", kMaxExpressionDepth));
  }
  if (absl::Status status = advance(); !status.ok()) return status;
  Parsed inside = joined(Kind::kOr);
  if (!inside.ok()) return inside;
  if (token_.kind == Kind::kEnd) {
    return at_token(fmt::format("expected ) to close the ( at {}, found the end",
                                match_place(text_, open.begin)));
  }
  if (token_.kind != Kind::kClose) return trailing();
  --depth_;
  if (absl::Status status = advance(); !status.ok()) return status;
  return inside;
}

Parser::Parsed Parser::comparison() {
  MatchToken variable = std::move(token_);
  if (absl::Status status = advance(); !status.ok()) return status;
  if (token_.kind != Kind::kOperator) {
    return at_token(fmt::format("expected an operator after {}: == != < <= > >= =~ or !~, {}",
                                shown(variable_text(variable.part)), found()));
  }
  Expression expression;
  expression.kind = Expression::Kind::kComparison;
  Comparison& test = expression.comparison.emplace(std::move(variable.part));
  test.op = token_.part.op;
  if (absl::Status status = advance(); !status.ok()) return status;
  if (absl::Status status = take_literal(test); !status.ok()) return status;
  note_oddities(test, variable.begin);
  if (absl::Status status = advance(); !status.ok()) return status;
  return expression;
}

absl::Status Parser::take_literal(Comparison& test) {
  if (token_.kind != Kind::kLiteral) {
    return at_token(fmt::format("expected what to compare with after {}: {}, {}", name_of(test.op),
                                is_pattern_operator(test.op) ? "a regular expression such as /^db/"
                                : is_numeric(test.variable)  ? "a number"
                                : test.variable == Variable::kField
                                    ? "a text in quotes, a number, TRUE, FALSE or NIL"
                                    : "a text in quotes",
                                found()));
  }
  Comparison& literal = token_.part;
  test.literal = literal.literal;
  if (const std::string fault = fault_of(test); !fault.empty()) return at_token(fault);
  test.text = std::move(literal.text);
  test.number = literal.number;
  test.pattern = std::move(literal.pattern);
  test.source = std::move(literal.source);
  if (test.pattern.has_value() && !test.pattern->is_plain() && ++regexes_ > kMaxExpressionRegexes) {
    return at_token(fmt::format("more than {} regular expressions", kMaxExpressionRegexes));
  }
  return absl::OkStatus();
}

/// Notes what is allowed, but hardly meant, in the comparison that begins there and ends with the
/// token.
void Parser::note_oddities(const Comparison& test, std::size_t begin) {
  const auto note = [this](std::size_t at, const std::string& what) {
    if (notes_.size() == kMaxNotes) return;
    notes_.push_back(fmt::format("{}: {}", match_place(text_, at), what));
  };
  if (test.literal == Literal::kNumber && !token_.is_number) {
    note(token_.begin, fmt::format("{} is not a number; it counts as 0", shown(test.source)));
  }
  if (test.variable == Variable::kUuid) note(begin, "messages have no Uuid; it reads as ''");
  if (test.variable != Variable::kField) return;
  const std::string name = shown(test.field);
  const char first = test.field.front();
  if ((first == '\'' || first == '"') && test.field.back() == first) {
    note(begin, fmt::format("the quotes are a part of the name in Fields[{}]", name));
  }
  if (test.index != 0) {
    note(begin, fmt::format("a message has each field once, so Fields[{}][{}] is missing; its "
                            "element {} is Fields[{}][0][{}]",
                            name, test.index, test.index, name, test.index));
  }
}

void append_text(const Expression& expression, std::string& text) {
  if (expression.kind == Expression::Kind::kComparison) {
    const Comparison& test = *expression.comparison;
    text += fmt::format("{} {} {}", variable_text(test), name_of(test.op), test.source);
    return;
  }
  if (expression.parts.empty()) {
    text += expression.kind == Expression::Kind::kTrue ? "TRUE" : "FALSE";
    return;
  }
  const bool is_all = expression.kind == Expression::Kind::kAll;
  std::string_view joint;
  for (const Expression& part : expression.parts) {
    text += std::exchange(joint, is_all ? " && " : " || ");
    const bool needs_parentheses = is_all && part.kind == Expression::Kind::kAny;
    if (needs_parentheses) text += '(';
    append_text(part, text);
    if (needs_parentheses) text += ')';
  }
}

}  // namespace

absl::StatusOr<ParsedExpression> parse_expression(std::string_view text) {
  return Parser(text).parse();
}

std::string expression_text(const Expression& expression) {
  std::string text;
  append_text(expression, text);
  return text;
}

std::string variable_text(const Comparison& comparison) {
  std::string text(name_of(comparison.variable));
  if (comparison.variable != Variable::kField) return text;
  text += fmt::format("[{}]", comparison.field);
  if (comparison.index != 0 || comparison.element != 0) {
    text += fmt::format("[{}]", comparison.index);
  }
  if (comparison.element != 0) text += fmt::format("[{}]", comparison.element);
  return text;
}

}  // namespace metlog
