#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// Most lists and maps inside each other that parse_json takes, empty ones not counted.
inline constexpr int kMaxJsonDepth = 64;

/// One JSON value; blanks around it, and a byte order mark before it, are ignored. A number without
/// point and exponent is an integer, beyond 64 bits Digits. Of a key that stands twice in an object
/// the last value counts, as in the original. Each value knows its origin(): line and path.
/// kInvalidArgument names file, line, column and what is wrong; `file` is for messages alone.
absl::StatusOr<Value> parse_json(std::string_view text, std::string_view file = "<text>");

/// The tokens of a JSON text in their order: brackets and braces, strings, numbers and names; not
/// the blanks, commas and colons between them. Of a text that is no JSON some tokens, to its end.
class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text) : text_(text) {}

  /// The next token; empty at the end.
  std::string_view next();
  /// The line on which the last token begins, from 1.
  [[nodiscard]] int line() const { return line_; }
  /// Where it begins.
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // of the last token
  int line_ = 1;
};

/// The length of the string that the text begins with, its quotes counted; of one that does not
/// end, all of it.
std::size_t json_string_length(std::string_view text);

}  // namespace metlog
