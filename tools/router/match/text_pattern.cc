#include "tools/router/match/text_pattern.h"

#include <re2/re2.h>
#include <string.h>  // memmem()

#include <cstddef>
#include <optional>

namespace metlog {
namespace {

// What RE2 may take for one expression: its program, and the states that it learns. When they fill
// up, it forgets some and continues.
constexpr std::int64_t kMaxRegexBytes = 1024 * 1024;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The characters that the expression stands for when it has no operator; else nothing.
std::optional<std::string> plain_text_of(std::string_view regex) {
  constexpr std::string_view kOperators = "^$.*+?()[]{}|";
  std::string plain;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (kOperators.find(regex[i]) != std::string_view::npos) return std::nullopt;
    if (regex[i] == '\\') {
      // Before punctuation it takes the meaning away; before a letter it gives one.
      const bool is_escape = ++i < regex.size() && regex[i] > ' ' && regex[i] < '\x7f';
      if (!is_escape || is_word(regex[i])) return std::nullopt;
    }
    plain += regex[i];
  }
  return plain;
}

/// True when the last character of the text has an odd number of backslashes before it.
bool ends_in_escape(std::string_view text) {
  const std::size_t last = text.size() - 1;
  const std::size_t other = text.substr(0, last).find_last_not_of('\\');
  return (other == std::string_view::npos ? last : last - 1 - other) % 2 == 1;
}

/// True when the expression has \C, a single byte, which Go's RE2 has not and which could divide
/// a character.
bool names_a_byte(std::string_view regex) {
  for (std::size_t i = 0; i + 1 < regex.size(); ++i) {
    if (regex[i] != '\\') continue;
    ++i;
    if (regex[i] == 'C') return true;
    if (regex[i] != 'Q') continue;
    i = regex.find("\\E", i);  // what lies between is plain
    if (i == std::string_view::npos) return false;
    ++i;
  }
  return false;
}

}  // namespace

TextPattern::TextPattern(std::string_view regex) {
  std::string_view middle = regex;
  const bool has_start = middle.starts_with('^');
  if (has_start) middle.remove_prefix(1);
  const bool has_end = middle.ends_with('$') && !ends_in_escape(middle);
  if (has_end) middle.remove_suffix(1);
  std::optional<std::string> plain = plain_text_of(middle);
  if (!plain.has_value()) {
    compile(regex);
    return;
  }
  plain_ = *std::move(plain);
  if (has_start) {
    kind_ = has_end ? Kind::kWhole : Kind::kStart;
  } else {
    kind_ = has_end ? Kind::kEnd : Kind::kPart;
  }
}

TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;
TextPattern::~TextPattern() = default;

void TextPattern::compile(std::string_view regex) {
  kind_ = Kind::kRegex;
  if (names_a_byte(regex)) {
    error_ = "\\C stands for a byte, and texts have characters; write . for any character";
    error_part_ = "\\C";
    return;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexBytes);
  regex_ = std::make_unique<re2::RE2>(re2::StringPiece(regex.data(), regex.size()), options);
  if (regex_->ok()) return;
  error_ = regex_->error();
  error_part_ = regex_->error_arg();
}

bool TextPattern::is_in(std::string_view text) const {
  switch (kind_) {
    case Kind::kWhole:
      return text == plain_;
    case Kind::kStart:
      return text.starts_with(plain_);
    case Kind::kEnd:
      return text.ends_with(plain_);
    case Kind::kPart:
      return plain_.empty() ||
             (plain_.size() <= text.size() &&
              memmem(text.data(), text.size(), plain_.data(), plain_.size()) != nullptr);
    default:
      return regex_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                           re2::RE2::UNANCHORED, nullptr, 0);
  }
}

}  // namespace metlog
