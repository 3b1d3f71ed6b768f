#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "metlog/internal/base/utf8.h"

namespace metlog {

/// Reads what docs/formats.md says of escapes; written by that table, not by the code that escapes.
class Unescaper {
 public:
  explicit Unescaper(std::string_view shown) : left_(shown) {}

  /// Returns the text; nothing when there is an escape that does not exist.
  std::optional<std::string> take() {
    while (!left_.empty()) {
      if (left_.front() != '\\') {
        text_ += left_.front();
        left_.remove_prefix(1);
      } else if (!take_escape()) {
        return std::nullopt;
      }
    }
    return text_;
  }

 private:
  bool take_escape() {
    constexpr std::string_view kLetters = "nrtbf\\\"";
    constexpr std::string_view kMeant = "\n\r\t\b\f\\\"";
    if (left_.size() < 2) return false;
    const char letter = left_[1];
    left_.remove_prefix(2);
    if (letter == 'x') {
      const std::optional<unsigned> byte = take_hex(2);
      if (!byte.has_value() || *byte < 0x80) return false;
      text_ += static_cast<char>(*byte);
      return true;
    }
    if (letter == 'u') return take_unit();
    const std::size_t at = kLetters.find(letter);
    if (at == std::string_view::npos) return false;
    text_ += kMeant[at];
    return true;
  }

  bool take_unit() {
    const std::optional<unsigned> unit = take_hex(4);
    if (!unit.has_value()) return false;
    if (*unit >= 0xDC80 && *unit <= 0xDCFF) {  // a byte that is no UTF-8
      text_ += static_cast<char>(*unit - 0xDC00);
      return true;
    }
    char32_t character = *unit;
    if (*unit >= 0xD800 && *unit < 0xDC00) {
      if (left_.substr(0, 2) != "\\u") return false;
      left_.remove_prefix(2);
      const std::optional<unsigned> low = take_hex(4);
      if (!low.has_value() || *low < 0xDC00 || *low > 0xDFFF) return false;
      character = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*unit >= 0xDC00 && *unit < 0xE000) {
      return false;
    }
    const Utf8Character bytes = utf8_character(character);
    text_.append(bytes.bytes, bytes.size);
    return true;
  }

  std::optional<unsigned> take_hex(std::size_t digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (left_.size() < digits) return std::nullopt;
    unsigned number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const std::size_t digit = kDigits.find(left_[i]);
      if (digit == std::string_view::npos) return std::nullopt;
      number = number * 16 + static_cast<unsigned>(digit);
    }
    left_.remove_prefix(digits);
    return number;
  }

  std::string_view left_;
  std::string text_;
};

/// Returns the text that a line shows.
inline std::optional<std::string> unescaped(std::string_view shown) {
  return Unescaper(shown).take();
}

/// Returns the text of a word: of the JSON string between its quotes, or the word itself, in which
/// there is nothing to unescape.
inline std::optional<std::string> unescaped_word(std::string_view word) {
  if (word.empty() || word.front() != '"') {
    if (word.empty() || word.find_first_of(" \"=\\") != std::string_view::npos) return std::nullopt;
    return std::string(word);
  }
  if (word.size() < 2 || word.back() != '"') return std::nullopt;
  const std::string_view inside = word.substr(1, word.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {  // the closing quote is the first of its kind
    if (inside[i] == '"') return std::nullopt;
    if (inside[i] == '\\') ++i;
  }
  return unescaped(inside);
}

}  // namespace metlog
