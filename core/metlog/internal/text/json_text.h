#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace metlog {

/// Bytes of output one byte of text may become: a control character is written as \u00XX.
inline constexpr std::size_t kJsonTextGrowth = 6;

/// Writes `text` as the inside of a JSON string (no quotes around it) and returns the end.
/// `out` has room for kJsonTextGrowth * text.size() bytes and does not overlap the text.
///
/// Escaped are the quote, the backslash and the controls below 0x20: \b \f \n \r \t by letter, the
/// others as \u00XX. Valid UTF-8 stays as it is. Of invalid UTF-8 every maximal subpart, as
/// Unicode's chapter 3.9 calls it, becomes one U+FFFD, so the output is always valid.
char* append_json_text(char* out, std::string_view text);

/// Writes the escape of one byte of ASCII: `\n` by letter, else \u00XX; a byte from 0x20 on, which
/// must be a quote or a backslash, behind a backslash. Returns the end.
char* append_json_escape(char* out, char byte);

/// True when append_json_text would copy the text unchanged because it is ASCII without escapes.
/// False for text with bytes of 0x80 and above, valid or not.
[[nodiscard]] bool is_plain_json_text(std::string_view text);

/// The text as append_json_text writes it, in a string of its own; for cold paths.
[[nodiscard]] std::string json_text(std::string_view text);

/// Copies text that needs no escape to `out`, which has room for it; returns the end.
inline char* append_plain_text(char* out, std::string_view text) {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace metlog
