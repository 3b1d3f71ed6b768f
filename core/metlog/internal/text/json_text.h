#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace metlog {

/// The maximum of output bytes for each byte of text: a control character is written as \u00XX.
inline constexpr std::size_t kJsonTextGrowth = 6;

/// Writes `text` as the inside of a JSON string (no quotes around it) and returns the end.
/// `out` has room for kJsonTextGrowth * text.size() bytes and does not overlap the text.
///
/// Escapes the quote, the backslash and the controls below 0x20: \b \f \n \r \t by letter, the
/// others as \u00XX. Valid UTF-8 is copied. Each maximal subpart of invalid UTF-8 (base/utf8.h)
/// becomes one U+FFFD, so the output is always valid.
char* append_json_text(char* out, std::string_view text);

/// Writes the escape of one byte of ASCII and returns the end. A control is written by letter
/// (`\n`) or as \u00XX, a quote or a backslash after a backslash; other bytes are not allowed.
char* append_json_escape(char* out, char byte);

/// True when the text is ASCII and needs no escape. False for text with bytes from 0x80 on, valid
/// or not.
[[nodiscard]] bool is_plain_json_text(std::string_view text);

/// Returns what append_json_text() writes, in a new string. For cold paths.
[[nodiscard]] std::string json_text(std::string_view text);

/// True when two texts are written as the same JSON. Texts with invalid UTF-8 may be although they
/// differ. Wherever one of several fields with one key wins, keys are compared so.
[[nodiscard]] bool is_same_json_text(std::string_view one, std::string_view other);

/// Copies text without escapes to `out`, which has room for it, and returns the end.
inline char* append_plain_text(char* out, std::string_view text) {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace metlog
