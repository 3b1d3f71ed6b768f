#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

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
