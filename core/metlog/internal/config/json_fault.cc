#include "metlog/internal/config/json_fault.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "absl/strings/numbers.h"
#include "metlog/internal/base/utf8.h"

namespace metlog {
namespace {

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Follows the grammar of RFC 8259. Each function stops at the first fault and returns false.
class JsonCheck {
 public:
  JsonCheck(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<JsonFault> fault() {
    if (value(0) && (skip_whitespace(), at_ != text_.size())) {
      fail("more follows after the value; one is expected");
    }
    return fault_;
  }

 private:
  [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool fail(const char* what) {
    if (!fault_.has_value()) fault_ = {at_, at_ < text_.size() ? what : "the JSON ends too early"};
    return false;
  }

  void skip_whitespace() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(here()) != std::string_view::npos) {
      ++at_;
    }
  }

  bool take(char byte) {
    skip_whitespace();
    if (at_ >= text_.size() || here() != byte) return false;
    ++at_;
    return true;
  }

  bool value(int depth) {
    skip_whitespace();
    switch (here()) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return string();
      case 't':
        return name("true");
      case 'f':
        return name("false");
      case 'n':
        return name("null");
      default:
        return number();
    }
  }

  /// Empty lists and maps may be one level deeper, as in simdjson.
  bool too_deep(std::size_t begin) {
    at_ = begin;
    return fail("lists and maps are nested too deeply");
  }

  bool object(int depth) {
    const std::size_t begin = at_;
    take('{');
    if (take('}')) return true;
    if (depth >= max_depth_) return too_deep(begin);
    do {
      skip_whitespace();
      if (here() != '"') return fail("expected a key in quotes");
      if (!string()) return false;
      if (!take(':')) return fail("expected a colon after the key");
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take('}') || fail("expected a comma or } after a member");
  }

  bool list(int depth) {
    const std::size_t begin = at_;
    take('[');
    if (take(']')) return true;
    if (depth >= max_depth_) return too_deep(begin);
    do {
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take(']') || fail("expected a comma or ] after an item");
  }

  bool no_value() {
    return fail("expected a value: \"string\", a number, true, false, null, [..] or {..}");
  }

  bool name(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return no_value();
    at_ += expected.size();
    return true;
  }

  bool digits() {
    if (!is_digit(here())) return fail("expected a digit");
    while (is_digit(here())) ++at_;
    return true;
  }

  bool number() {
    if (here() != '-' && !is_digit(here())) return no_value();
    if (here() == '-') ++at_;
    const bool is_zero = here() == '0';
    const std::size_t begin = at_;
    if (!digits()) return false;
    if (is_zero && at_ != begin + 1) {
      at_ = begin;
      return fail("a number must not begin with a zero");
    }
    if (here() == '.' && (++at_, !digits())) return false;
    if (here() == 'e' || here() == 'E') {
      ++at_;
      if (here() == '+' || here() == '-') ++at_;
      if (!digits()) return false;
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    const bool is_double = number.find_first_of(".eE") != std::string_view::npos;
    return !is_double || is_finite(begin);
  }

  /// Checks the double from `begin` to here.
  bool is_finite(std::size_t begin) {
    double number = 0;
    const bool is_number = absl::SimpleAtod({&text_[begin], at_ - begin}, &number);
    if (is_number && std::isfinite(number)) return true;
    at_ = begin;
    return fail("the number is too large");
  }

  bool string() {
    ++at_;
    while (at_ < text_.size() && here() != '"') {
      const auto byte = static_cast<unsigned char>(here());
      if (byte < 0x20) return fail("a control character in a string is written as \\n or \\u00XX");
      if (byte == '\\' && !escape()) return false;
      if (byte == '\\') continue;
      const Utf8Sequence sequence = first_utf8_sequence(text_.substr(at_));
      if (!sequence.is_valid) return fail("these bytes are not UTF-8");
      at_ += sequence.bytes;
    }
    if (at_ >= text_.size()) return fail("");
    ++at_;
    return true;
  }

  bool escape() {
    ++at_;
    if (here() != 'u') {
      if (std::string_view("\"\\/bfnrt").find(here()) == std::string_view::npos || here() == '\0') {
        return fail("unknown escape; \\\\ is a backslash");
      }
      ++at_;
      return true;
    }
    ++at_;
    const int unit = hexadecimal(at_);
    if (unit < 0) {
      --at_;
      return fail("\\u needs four hexadecimal digits");
    }
    at_ += 4;
    return !is_surrogate(unit) || low_surrogate(unit);
  }

  static bool is_surrogate(int unit) { return unit >= 0xD800 && unit <= 0xDFFF; }

  /// Takes the low surrogate after the high one.
  bool low_surrogate(int high) {
    const int low = text_.substr(at_, 2) == "\\u" ? hexadecimal(at_ + 2) : -1;
    if (high < 0xDC00 && low >= 0xDC00 && is_surrogate(low)) {
      at_ += 6;
      return true;
    }
    at_ -= 6;
    return fail("a surrogate needs the other half of its pair");
  }

  /// Returns four hexadecimal digits as a number, or a negative number if they are missing.
  [[nodiscard]] int hexadecimal(std::size_t at) const {
    int unit = 0;
    if (at + 4 > text_.size()) return -1;
    const char* const end = &text_[at] + 4;
    const auto [stop, error] = std::from_chars(&text_[at], end, unit, 16);
    const bool is_whole = error == std::errc() && stop == end && text_[at] != '-';
    return is_whole ? unit : -1;
  }

  std::string_view text_;
  int max_depth_;
  std::size_t at_ = 0;
  std::optional<JsonFault> fault_;
};

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text, int max_depth) {
  return JsonCheck(text, max_depth).fault();
}

}  // namespace metlog
