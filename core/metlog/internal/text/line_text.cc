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

CopyCursor append_sequence(CopyCursor at, const char* end) {
  const Utf8Sequence sequence = read_utf8_sequence(at.in, static_cast<std::size_t>(end - at.in));
  const std::string_view bytes(at.in, sequence.bytes);
  at.in += sequence.bytes;
  if (!sequence.is_valid) return {at.in, append_plain_text(at.out, "\xEF\xBF\xBD")};
  const char32_t character = utf8_code_point(bytes);
  if (is_unprintable(character)) return {at.in, append_escaped(at.out, character)};
  return {at.in, append_plain_text(at.out, bytes)};
}

struct LineRules {
  static std::uint64_t special_bytes(std::uint64_t word) {
    return (word | (word - kEveryByte * 0x20) | (word + kEveryByte)) & (kEveryByte * 0x80);
  }
  static bool is_plain(char byte) {
    return byte >= 0x20 && static_cast<unsigned char>(byte) < 0x80 && byte != kDelete;
  }
  static std::size_t copy_block(char* out, const char* in) { return copy_line_block(out, in); }
  static CopyCursor append_special(CopyCursor at, const char* end) {
    if (static_cast<unsigned char>(*at.in) >= 0x80) return append_sequence(at, end);
    if (*at.in == kDelete) return {at.in + 1, append_u_escape(at.out, 0x7f)};
    return {at.in + 1, append_json_escape(at.out, *at.in)};
  }
};

struct QuotedRules {
  static std::uint64_t special_bytes(std::uint64_t word) {
    return metlog::special_bytes(word) | LineRules::special_bytes(word);
  }
  static bool is_plain(char byte) { return metlog::is_plain(byte) && byte != kDelete; }
  static std::size_t copy_block(char* out, const char* in) { return copy_quoted_block(out, in); }
  static CopyCursor append_special(CopyCursor at, const char* end) {
    return LineRules::append_special(at, end);  // escapes a quote and a backslash, too
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

bool is_word(std::string_view text) {
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code <= 0x20 || byte == '"' || byte == '=' || byte == kDelete) return false;
  }
  return !text.empty();
}

}  // namespace

char* append_line_text(char* out, std::string_view text) {
  return EscapedCopy<LineRules>::append(out, text);
}

char* append_line_word(char* out, std::string_view text) {
  if (is_word(text)) return append_line_text(out, text);
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
