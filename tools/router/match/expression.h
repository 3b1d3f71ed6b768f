#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/router/match/text_pattern.h"

namespace metlog {

// The limits of an expression; the depth bounds the recursion of who reads and evaluates it.
inline constexpr std::size_t kMaxExpressionBytes = 64 * 1024;
inline constexpr std::size_t kMaxExpressionDepth = 100;  // nested parentheses
/// Regular expressions that are not plain text; each takes 1 MiB at most.
inline constexpr std::size_t kMaxExpressionRegexes = 64;

/// The part of a message that a comparison reads.
enum class Variable : std::uint8_t {
  kType,
  kLogger,
  kSeverity,
  kPayload,
  kVersion,
  kPid,
  kHostname,
  kTimestamp,
  kUuid,
  kField,
};

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kFits,     // =~
  kFitsNot,  // !~
};

enum class Literal : std::uint8_t { kText, kNumber, kPattern, kTrue, kFalse, kNil };

/// A number of an expression: exact as an integer, when it is one of 64 bits.
struct MatchNumber {
  double number = 0;
  std::int64_t integer = 0;
  bool is_integer = false;
};

/// A variable, an operator and a literal.
struct Comparison {
  Variable variable{};
  std::string field;          // of kField: its name
  std::uint64_t index = 0;    // of kField: Fields[name][index]
  std::uint64_t element = 0;  // of kField: Fields[name][index][element]
  Operator op{};
  Literal literal{};
  std::string text;                    // of kText
  MatchNumber number;                  // of kNumber
  std::optional<TextPattern> pattern;  // of kPattern
  std::string source;                  // the literal as it is written
};

/// An expression as a tree: a comparison, TRUE or FALSE, or parts that are joined.
struct Expression {
  enum class Kind : std::uint8_t { kTrue, kFalse, kComparison, kAll, kAny };

  Kind kind = Kind::kTrue;
  std::vector<Expression> parts;         // of kAll (&&) and kAny (||): two or more
  std::optional<Comparison> comparison;  // of kComparison
};

struct ParsedExpression {
  Expression root;
  std::vector<std::string> notes;  // see MessageMatcher::notes()
};

/// Reads an expression; see MessageMatcher::compile().
absl::StatusOr<ParsedExpression> parse_expression(std::string_view text);

/// The expression on one line, with the fewest parentheses.
std::string expression_text(const Expression& expression);

/// "Type", "Fields[name]", "Fields[name][0][1]".
std::string variable_text(const Comparison& comparison);

}  // namespace metlog
