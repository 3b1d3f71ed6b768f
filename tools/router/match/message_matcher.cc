#include "tools/router/match/message_matcher.h"

#include <algorithm>
#include <utility>

#include "tools/router/decode/timestamp_check.h"
#include "tools/router/match/expression.h"

namespace metlog {
namespace {

template <class T>
bool compare(const T& value, Operator op, const T& with) {
  switch (op) {
    case Operator::kEqual:
      return value == with;
    case Operator::kNotEqual:
      return value != with;
    case Operator::kLess:
      return value < with;
    case Operator::kLessOrEqual:
      return value <= with;
    case Operator::kGreater:
      return value > with;
    case Operator::kGreaterOrEqual:
      return value >= with;
    default:
      return false;
  }
}

bool compare_text(std::string_view value, const Comparison& test) {
  if (test.op == Operator::kFits) return test.pattern->is_in(value);
  if (test.op == Operator::kFitsNot) return !test.pattern->is_in(value);
  return compare(value, test.op, std::string_view(test.text));
}

bool compare_integer(std::int64_t value, const Comparison& test) {
  if (test.number.is_integer) return compare(value, test.op, test.number.integer);
  return compare(static_cast<double>(value), test.op, test.number.number);
}

bool compare_number(const JsonValue& value, const Comparison& test) {
  if (value.is_integer) return compare_integer(value.integer, test);
  return compare(value.number, test.op, test.number.number);
}

/// The field of the message, or the element of its array. A message has each field once.
JsonValue field_of(const Comparison& test, const DecodedMessage& message) {
  if (test.index != 0) return {};
  if (test.element != 0) return message.field(test.field, test.element);
  const JsonValue value = message.field(test.field);
  const bool may_be_deeper = value.kind == JsonValue::Kind::kAbsent
                                 ? test.field.find('.') != std::string::npos
                                 : value.kind == JsonValue::Kind::kArray;
  return may_be_deeper ? message.field(test.field, 0) : value;
}

/// What is of another type than the literal fits no operator, but for a bool, as in hekad: compared
/// with anything but TRUE it asks whether the bool is false.
bool compare_field(const Comparison& test, const DecodedMessage& message) {
  const JsonValue value = field_of(test, message);
  const bool is_literal_text = test.literal == Literal::kText || test.literal == Literal::kPattern;
  const bool is_missing = value.kind != JsonValue::Kind::kText &&
                          value.kind != JsonValue::Kind::kNumber &&
                          value.kind != JsonValue::Kind::kBool;
  if (test.literal == Literal::kNil) return is_missing == (test.op == Operator::kEqual);
  switch (value.kind) {
    case JsonValue::Kind::kText:
      if (is_literal_text) return compare_text(value.text, test);
      return test.literal != Literal::kNumber && value.text == test.source;  // TRUE or FALSE
    case JsonValue::Kind::kNumber:
      return test.literal == Literal::kNumber && compare_number(value, test);
    case JsonValue::Kind::kBool:
      return (value.number != 0) == (test.literal == Literal::kTrue);
    default:
      return false;
  }
}

bool holds(const Comparison& test, const DecodedMessage& message) {
  switch (test.variable) {
    case Variable::kType:
      return compare_text(message.type, test);
    case Variable::kLogger:
      return compare_text(message.logger, test);
    case Variable::kSeverity:
      return compare_integer(message.severity, test);
    case Variable::kPayload:
      return compare_text(message.payload_text(), test);
    case Variable::kVersion:
      return compare_text(message.env_version, test);
    case Variable::kPid:
      return compare_integer(message.pid, test);
    case Variable::kHostname:
      return compare_text(message.hostname, test);
    case Variable::kTimestamp:
      return compare_integer(utc_ns_of_timestamp(message.timestamp), test);
    case Variable::kUuid:
      return compare_text("", test);
    default:
      return compare_field(test, message);
  }
}

bool holds(const Expression& expression, const DecodedMessage& message) {
  const auto part_holds = [&message](const Expression& part) { return holds(part, message); };
  const std::vector<Expression>& parts = expression.parts;
  switch (expression.kind) {
    case Expression::Kind::kComparison:
      return holds(*expression.comparison, message);
    case Expression::Kind::kAll:
      return std::all_of(parts.begin(), parts.end(), part_holds);
    case Expression::Kind::kAny:
      return std::any_of(parts.begin(), parts.end(), part_holds);
    default:
      return expression.kind == Expression::Kind::kTrue;
  }
}

}  // namespace

absl::StatusOr<MessageMatcher> MessageMatcher::compile(std::string_view text) {
  absl::StatusOr<ParsedExpression> parsed = parse_expression(text);
  if (!parsed.ok()) return parsed.status();
  return MessageMatcher(std::move(parsed->root), std::move(parsed->notes));
}

MessageMatcher::MessageMatcher(Expression root, std::vector<std::string> notes)
    : root_(std::make_unique<const Expression>(std::move(root))), notes_(std::move(notes)) {}

MessageMatcher::MessageMatcher(MessageMatcher&&) noexcept = default;
MessageMatcher& MessageMatcher::operator=(MessageMatcher&&) noexcept = default;
MessageMatcher::~MessageMatcher() = default;

bool MessageMatcher::matches(const DecodedMessage& message) const { return holds(*root_, message); }

std::string MessageMatcher::text() const { return expression_text(*root_); }

}  // namespace metlog
