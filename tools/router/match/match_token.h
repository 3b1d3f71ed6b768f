#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/match/expression.h"

namespace metlog {

/// A word or sign of an expression.
struct MatchToken {
  enum class Kind : std::uint8_t { kEnd, kVariable, kOperator, kLiteral, kAnd, kOr, kOpen, kClose };

  Kind kind = Kind::kEnd;
  std::size_t begin = 0;  // its bytes in the text
  std::size_t end = 0;
  Comparison part;        // of kVariable, kOperator and kLiteral: the members that it decides
  bool is_number = true;  // of a number: false when its characters form none, and it counts as 0
};

/// Divides an expression into tokens. An error names the column, what is there, and what to write.
/// Used by one thread.
class MatchLexer {
 public:
  /// `text` must be UTF-8 and live as long.
  explicit MatchLexer(std::string_view text) : text_(text) {}

  absl::StatusOr<MatchToken> next();
  /// The characters of a token.
  [[nodiscard]] std::string_view source_of(const MatchToken& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  /// See match_error().
  [[nodiscard]] absl::Status error(std::size_t begin, std::size_t end, std::string_view what) const;

 private:
  [[nodiscard]] char at(std::size_t offset) const {
    return at_ + offset < text_.size() ? text_[at_ + offset] : '\0';
  }
  absl::StatusOr<MatchToken> sign();
  absl::StatusOr<MatchToken> word();
  absl::StatusOr<MatchToken> number();
  absl::StatusOr<MatchToken> quoted();
  absl::StatusOr<MatchToken> pattern();
  absl::Status read_brackets(Comparison& part);
  absl::Status read_index(std::uint64_t& index);
  absl::StatusOr<std::string> until(char quote, std::string_view what);
  [[nodiscard]] MatchToken token(MatchToken::Kind kind, std::size_t begin) const;
  [[nodiscard]] absl::Status unknown_word(std::size_t begin, std::string_view word) const;
  [[nodiscard]] absl::Status unknown_sign() const;

  const std::string_view text_;
  std::size_t at_ = 0;
};

/// "Type", ..., "Fields".
std::string_view name_of(Variable variable);
/// "==", ..., "!~".
std::string_view name_of(Operator op);

}  // namespace metlog
