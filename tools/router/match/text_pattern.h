#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace metlog {

/// A regular expression of RE2's syntax that is searched for in texts, which must be UTF-8. One
/// that is plain text, with ^ before it or $ after it or both, is compared directly. Matching is
/// linear in the text, and safe on several threads; it allocates while RE2 learns a pattern.
class TextPattern {
 public:
  /// ok() says whether `regex` is one.
  explicit TextPattern(std::string_view regex);
  TextPattern(TextPattern&&) noexcept;
  TextPattern& operator=(TextPattern&&) noexcept;
  ~TextPattern();

  [[nodiscard]] bool ok() const { return error_.empty(); }
  /// What is wrong, and the part of the regular expression that it is about; both empty when ok().
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& error_part() const { return error_part_; }

  /// True when the text has a place that fits. Only when ok().
  [[nodiscard]] bool is_in(std::string_view text) const;
  /// True when texts are compared directly, without RE2.
  [[nodiscard]] bool is_plain() const { return kind_ != Kind::kRegex; }

 private:
  enum class Kind : std::uint8_t { kPart, kStart, kEnd, kWhole, kRegex };

  void compile(std::string_view regex);

  Kind kind_ = Kind::kPart;
  std::string plain_;
  std::unique_ptr<re2::RE2> regex_;
  std::string error_;
  std::string error_part_;
};

}  // namespace metlog
