#include "metlog/internal/text/indented_json.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "metlog/internal/base/utf8.h"

namespace metlog {
namespace {

constexpr std::size_t kIndent = 4;
constexpr char32_t kReplacement = 0xFFFD;

/// Copies JSON token by token.
class Indenter {
 public:
  explicit Indenter(std::string_view json) : rest_(json) { text_.reserve(2 * json.size()); }

  std::string take() && {
    while (!rest_.empty()) take_token();
    return std::move(text_);
  }

 private:
  void take_token() {
    const char token = rest_.front();
    rest_.remove_prefix(1);
    if (token == '"') return take_string();
    if (token == '{' || token == '[') return open(token);
    if (token == '}' || token == ']') return close(token);
    text_ += token;
    if (token == ':') text_ += ' ';
    if (token == ',') begin_line();
  }

  void open(char bracket) {
    text_ += bracket;
    if (!rest_.empty() && (rest_.front() == '}' || rest_.front() == ']')) {
      text_ += rest_.front();
      rest_.remove_prefix(1);
      return;
    }
    ++depth_;
    begin_line();
  }

  void close(char bracket) {
    if (depth_ > 0) --depth_;
    begin_line();
    text_ += bracket;
  }

  void begin_line() { text_.append(1, '\n').append(kIndent * depth_, ' '); }

  void take_string() {
    text_ += '"';
    while (!rest_.empty() && rest_.front() != '"') {
      const auto byte = static_cast<unsigned char>(rest_.front());
      if (byte >= 0x7F) {
        take_character();
        continue;
      }
      const std::size_t bytes = byte == '\\' && rest_.size() > 1 ? 2 : 1;
      text_.append(rest_.substr(0, bytes));
      rest_.remove_prefix(bytes);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    text_ += '"';
  }

  void take_character() {
    const Utf8Sequence sequence = first_utf8_sequence(rest_);
    char32_t character =
        sequence.is_valid ? utf8_code_point(rest_.substr(0, sequence.bytes)) : kReplacement;
    rest_.remove_prefix(sequence.bytes);
    if (character < 0x10000) return escape(character);
    character -= 0x10000;
    escape(0xD800 + (character >> 10));
    escape(0xDC00 + (character & 0x3FF));
  }

  void escape(char32_t unit) {
    text_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
      text_ += "0123456789abcdef"[unit >> shift & 0xF];
    }
  }

  std::string_view rest_;
  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string indented_json(std::string_view json) { return Indenter(json).take(); }

}  // namespace metlog
