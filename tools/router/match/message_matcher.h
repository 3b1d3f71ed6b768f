#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

struct Expression;

/// Decides which messages match an expression of hekad's message_matcher language, such as
///   Type == 'timer' && Fields[name] =~ /^db\./
/// docs/matcher.md has the language. Immutable: several threads may use one.
class MessageMatcher {
 public:
  /// In linear time. kInvalidArgument names the place, what is wrong there and what to write; below
  /// it, on lines of their own, are the expression and a mark under the place.
  static absl::StatusOr<MessageMatcher> compile(std::string_view text);

  MessageMatcher(MessageMatcher&&) noexcept;
  MessageMatcher& operator=(MessageMatcher&&) noexcept;
  ~MessageMatcher();

  /// Linear in the message. Allocates nothing, but for the memory that RE2 takes while it learns a
  /// regular expression, and that a thread takes for texts that it has to copy: see JsonValue.
  /// Keeps none of these texts.
  [[nodiscard]] bool matches(const DecodedMessage& message) const;

  /// The expression on one line, as it was understood: with the fewest parentheses. It compiles to
  /// the same matcher.
  [[nodiscard]] std::string text() const;
  /// What is allowed, but hardly meant, the first ten, each with its place: "column 13: 1.2.3 is
  /// not a number; it counts as 0".
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  MessageMatcher(Expression root, std::vector<std::string> notes);

  std::unique_ptr<const Expression> root_;
  std::vector<std::string> notes_;
};

}  // namespace metlog
