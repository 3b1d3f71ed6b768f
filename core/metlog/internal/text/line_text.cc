#include "metlog/internal/text/line_text.h"

#include <cstdint>
#include <cstring>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/escaped_copy.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/unprintable.h"

namespace metlog {
namespace {

constexpr char kDelete = 0x7f;

char* append_u_escape(char* out, char32_t unit) {
  std::memcpy(out, "\\u", 2);
  for (int i = 0; i < 4; ++i) out[2 + i] = "0123456789abcdef"[unit >> (12 - 4 * i) & 0xf];
  return out + 6;
}

/// Writes a character as JSON escapes it: beyond U+FFFF as a pair of surrogates.
char* append_escaped(char* out, char32_t character) {
  if (character < 0x10000) return append_u_escape(out, character);
  character -= 0x10000;
  return append_u_escape(append_u_escape(out, 0xD800 + (character >> 10)),
                         0xDC00 + (character & 0x3FF));
}

/// Writes a byte that is no UTF-8 as a program's source does: `\xe9`.
char* append_hex_byte(char* out, char byte) {
  const auto code = static_cast<unsigned char>(byte);
  std::memcpy(out, "\\x", 2);
  out[2] = "0123456789abcdef"[code >> 4];
  out[3] = "0123456789abcdef"[code & 0xf];
  return out + 4;
}

/// Writes it as a half of a surrogate pair, `\udce9`, which no text has: an escape of JSON.
char* append_lone_byte(char* out, char byte) {
  return append_u_escape(out, 0xDC00 + static_cast<unsigned char>(byte));
}

char* append_replacement(char* out, std::string_view) {
  return append_plain_text(out, "\xEF\xBF\xBD");
}

template <char* (*kAppendByte)(char*, char)>
char* append_bytes(char* out, std::string_view bytes) {
  for (const char byte : bytes) out = kAppendByte(out, byte);
  return out;
}

using AppendInvalid = char*(char*, std::string_view);

template <AppendInvalid* kAppendInvalid>
CopyCursor append_unusual(CopyCursor at, const char* end) {
  if (*at.in == kDelete) return {at.in + 1, append_u_escape(at.out, 0x7f)};
  if (static_cast<unsigned char>(*at.in) < 0x80) {
    return {at.in + 1, append_json_escape(at.out, *at.in)};
  }
  const Utf8Sequence sequence = read_utf8_sequence(at.in, static_cast<std::size_t>(end - at.in));
  const std::string_view bytes(at.in, sequence.bytes);
  at.in += sequence.bytes;
  if (!sequence.is_valid) return {at.in, kAppendInvalid(at.out, bytes)};
  const char32_t character = utf8_code_point(bytes);
  if (is_unprintable(character)) return {at.in, append_escaped(at.out, character)};
  return {at.in, append_plain_text(at.out, bytes)};
}

struct LineRules : PlainBytes<kDelete> {
  static CopyCursor append_special(CopyCursor at, const char* end) {
    return append_unusual<append_replacement>(at, end);
  }
};

struct ReversibleRules : PlainBytes<kDelete, '\\'> {
  static CopyCursor append_special(CopyCursor at, const char* end) {
    return append_unusual<append_bytes<append_hex_byte>>(at, end);
  }
};

struct BlockRules : LineRules {
  static CopyCursor append_special(CopyCursor at, const char* end) {
    const bool is_kept = *at.in == '\n' || *at.in == '\t';
    if (!is_kept) return LineRules::append_special(at, end);
    *at.out = *at.in;
    return {at.in + 1, at.out + 1};
  }
};

struct QuotedRules : PlainBytes<kDelete, '\\', '"'> {
  static CopyCursor append_special(CopyCursor at, const char* end) {
    return append_unusual<append_bytes<append_lone_byte>>(at, end);
  }
};

/// True for text from the first byte beyond ASCII on that is valid and needs no escape.
bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    if (!sequence.is_valid || is_unprintable(utf8_code_point(text.substr(0, sequence.bytes)))) {
      return false;
    }
    text.remove_prefix(sequence.bytes);
  }
  return true;
}

/// True for a word that needs neither quotes nor escapes.
bool is_word(std::string_view text) {
  unsigned char all = 0;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code <= 0x20 || byte == '"' || byte == '=' || byte == '\\' || byte == kDelete) return false;
    all |= code;
  }
  return !text.empty() && (all < 0x80 || is_printable(text));
}

}  // namespace

char* append_line_text(char* out, std::string_view text) {
  return EscapedCopy<LineRules>::append(out, text);
}

char* append_reversible_text(char* out, std::string_view text) {
  return EscapedCopy<ReversibleRules>::append(out, text);
}

char* append_line_word(char* out, std::string_view text) {
  if (is_word(text)) return append_plain_text(out, text);
  *out++ = '"';
  out = append_quoted_text(out, text);
  *out++ = '"';
  return out;
}

char* append_quoted_text(char* out, std::string_view text) {
  return EscapedCopy<QuotedRules>::append(out, text);
}

char* append_block_text(char* out, std::string_view text) {
  return EscapedCopy<BlockRules>::append(out, text);
}

std::string line_text(std::string_view text) {
  std::string line(kLineTextGrowth * text.size(), '\0');
  line.resize(static_cast<std::size_t>(append_line_text(line.data(), text) - line.data()));
  return line;
}

std::string reversible_text(std::string_view text) {
  std::string line(kLineTextGrowth * text.size(), '\0');
  line.resize(static_cast<std::size_t>(append_reversible_text(line.data(), text) - line.data()));
  return line;
}

std::string line_word(std::string_view text) {
  std::string line(kLineTextGrowth * text.size() + 2, '\0');
  line.resize(static_cast<std::size_t>(append_line_word(line.data(), text) - line.data()));
  return line;
}

std::string quoted_text(std::string_view text) {
  std::string line(kLineTextGrowth * text.size(), '\0');
  line.resize(static_cast<std::size_t>(append_quoted_text(line.data(), text) - line.data()));
  return line;
}

std::string block_text(std::string_view text) {
  std::string block(kLineTextGrowth * text.size(), '\0');
  block.resize(static_cast<std::size_t>(append_block_text(block.data(), text) - block.data()));
  return block;
}

}  // namespace metlog
