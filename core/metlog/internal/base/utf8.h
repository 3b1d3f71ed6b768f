#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

// The one definition of UTF-8 in the tree: table 3-7 of the Unicode standard. Overlong forms,
// surrogates and anything above U+10FFFF are invalid. Invalid bytes are divided into maximal
// subparts, as Unicode's chapter 3.9 calls them; a subpart counts as one character, like the U+FFFD
// that replaces it.

/// One step through UTF-8: a whole character, or the maximal subpart of an invalid one.
struct Utf8Sequence {
  std::size_t bytes;  // 1 to 4, never more than are left
  bool is_valid;
};

/// Reads the sequence at `in`, whose first byte is 0x80 or above. `left` is the number of bytes
/// from there to the end, at least 1.
[[nodiscard]] constexpr Utf8Sequence read_utf8_sequence(const char* in, std::size_t left) {
  const auto lead = static_cast<unsigned char>(*in);
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < bytes; ++i) {
    if (i == left) return {i, false};
    const auto next = static_cast<unsigned char>(in[i]);
    if (next < low || next > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {bytes, true};
}

/// Reads the sequence that a non-empty text begins with; ASCII is one byte and valid.
[[nodiscard]] constexpr Utf8Sequence first_utf8_sequence(std::string_view text) {
  if (static_cast<unsigned char>(text.front()) < 0x80) return {1, true};
  return read_utf8_sequence(text.data(), text.size());
}

/// Returns the code point of a valid sequence of one to four bytes.
[[nodiscard]] inline char32_t utf8_code_point(std::string_view sequence) {
  const auto bits = [&](std::size_t i, unsigned mask, int shift) {
    return static_cast<char32_t>((static_cast<unsigned char>(sequence[i]) & mask) << shift);
  };
  switch (sequence.size()) {
    case 1:
      return bits(0, 0x7F, 0);
    case 2:
      return bits(0, 0x1F, 6) | bits(1, 0x3F, 0);
    case 3:
      return bits(0, 0x0F, 12) | bits(1, 0x3F, 6) | bits(2, 0x3F, 0);
    default:
      return bits(0, 0x07, 18) | bits(1, 0x3F, 12) | bits(2, 0x3F, 6) | bits(3, 0x3F, 0);
  }
}

/// The bytes of one character.
struct Utf8Character {
  char bytes[4];
  std::size_t size;
};

/// Returns a code point as UTF-8; U+FFFD for a surrogate and for what is above U+10FFFF.
[[nodiscard]] constexpr Utf8Character utf8_character(char32_t code) {
  if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) code = 0xFFFD;
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return {{static_cast<char>(code)}, 1};
  if (code < 0x800) return {{static_cast<char>(0xC0 | code >> 6), tail(0)}, 2};
  if (code < 0x10000) return {{static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)}, 3};
  return {{static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)}, 4};
}

/// True for a byte that can only be inside a character: 0x80 to 0xBF.
[[nodiscard]] inline bool continues_utf8(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

[[nodiscard]] inline std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_utf8_sequence(text).bytes);
  return count;
}

/// Returns the first `count` characters, all when there are no more.
[[nodiscard]] inline std::string_view first_characters(std::string_view text, std::size_t count) {
  std::string_view rest = text;
  for (; count > 0 && !rest.empty(); --count) {
    rest.remove_prefix(first_utf8_sequence(rest).bytes);
  }
  return text.substr(0, text.size() - rest.size());
}

/// Returns the characters that are whole within the first `max_bytes` bytes.
[[nodiscard]] inline std::string_view cut_to_bytes(std::string_view text, std::size_t max_bytes) {
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t next = end + first_utf8_sequence(text.substr(end)).bytes;
    if (next > max_bytes) break;
    end = next;
  }
  return text.substr(0, end);
}

}  // namespace metlog
