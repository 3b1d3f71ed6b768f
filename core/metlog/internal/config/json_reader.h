#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// Maximum depth of nested lists and maps that parse_json takes; empty ones do not count.
inline constexpr int kMaxJsonDepth = 64;

/// One JSON value; whitespace around it and a byte order mark before it are ignored. A number
/// without point and exponent is an integer, beyond 64 bits Digits. If an object has a key twice,
/// the last value counts, as in the original. Each value has its origin(): line and path.
/// kInvalidArgument names file, line, column and what is wrong; `file` is only for messages.
absl::StatusOr<Value> parse_json(std::string_view text, std::string_view file = "<text>");

/// The tokens of a JSON text in order: brackets and braces, strings, numbers and names; not the
/// whitespace, commas and colons between them. Text that is not JSON yields some tokens, to its
/// end.
class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text) : text_(text) {}

  /// The next token; empty at the end.
  std::string_view next();
  /// Line on which the last token begins, from 1.
  [[nodiscard]] int line() const { return line_; }
  /// Offset of the last token.
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // of the last token
  int line_ = 1;
};

/// Length of the string at the beginning of the text, with its quotes; the rest of the text if the
/// string does not end.
std::size_t json_string_length(std::string_view text);

}  // namespace metlog
