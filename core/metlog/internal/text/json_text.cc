#include "metlog/internal/text/json_text.h"

#include <array>
#include <cstdint>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/escaped_copy.h"

namespace metlog {
namespace {

/// The letter after the backslash; 0 for the \u form.
constexpr std::array<char, 0x20> kEscapeLetters = [] {
  std::array<char, 0x20> letters{};
  letters['\b'] = 'b';
  letters['\f'] = 'f';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\t'] = 't';
  return letters;
}();

CopyCursor append_sequences(CopyCursor at, const char* end) {
  do {
    const Utf8Sequence sequence = read_utf8_sequence(at.in, static_cast<std::size_t>(end - at.in));
    if (sequence.is_valid) {
      std::memcpy(at.out, at.in, 2);
      std::memcpy(at.out + sequence.bytes - 2, at.in + sequence.bytes - 2, 2);
      at.out += sequence.bytes;
    } else {
      std::memcpy(at.out, "\xEF\xBF\xBD", 3);
      at.out += 3;
    }
    at.in += sequence.bytes;
  } while (at.in != end && static_cast<unsigned char>(*at.in) >= 0x80);
  return at;
}

struct JsonRules : PlainInJson {
  /// Writes one byte that is not plain, or the run of bytes from 0x80 on that begins here.
  static CopyCursor append_special(CopyCursor at, const char* end) {
    if (static_cast<unsigned char>(*at.in) >= 0x80) return append_sequences(at, end);
    return {at.in + 1, append_json_escape(at.out, *at.in)};
  }
};

}  // namespace

char* append_json_escape(char* out, char byte) {
  const auto code = static_cast<unsigned char>(byte);
  const char letter = code < 0x20 ? kEscapeLetters[code] : byte;
  *out++ = '\\';
  if (letter != 0) {
    *out++ = letter;
    return out;
  }
  std::memcpy(out, "u00", 3);
  out[3] = static_cast<char>('0' + code / 16);
  out[4] = "0123456789abcdef"[code % 16];
  return out + 5;
}

char* append_json_text(char* out, std::string_view text) {
  return EscapedCopy<JsonRules>::append(out, text);
}

bool is_plain_json_text(std::string_view text) {
  char unused[kBlockBytes];
  while (text.size() >= kBlockBytes) {
    if (PlainInJson::copy_block(unused, text.data()) != kBlockBytes) return false;
    text.remove_prefix(kBlockBytes);
  }
  for (const char byte : text) {
    if (!PlainInJson::is_plain(byte)) return false;
  }
  return true;
}

bool is_same_json_text(std::string_view one, std::string_view other) {
  const auto take = [](std::string_view& text) -> std::string_view {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    const std::string_view taken = text.substr(0, sequence.bytes);
    text.remove_prefix(sequence.bytes);
    return sequence.is_valid ? taken : "\xEF\xBF\xBD";
  };
  if (one == other) return true;
  while (!one.empty() && !other.empty()) {
    if (take(one) != take(other)) return false;
  }
  return one.empty() && other.empty();
}

std::string json_text(std::string_view text) {
  std::string escaped(kJsonTextGrowth * text.size(), '\0');
  const char* const end = append_json_text(escaped.data(), text);
  escaped.resize(static_cast<std::size_t>(end - escaped.data()));
  return escaped;
}

}  // namespace metlog
