#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

/// Bytes of output one byte of text may become.
inline constexpr std::size_t kLineTextGrowth = 6;

/// Writes `text` for a human's eyes, so that it cannot end the line it stands in, move a
/// terminal's cursor or turn the reading direction; returns the end. `out` has room for
/// kLineTextGrowth * text.size() bytes and does not overlap the text.
///
/// Quotes and backslashes stay as they are. Escaped as in JSON (`\n`, `\u001b`) are the controls:
/// those below 0x20, DEL, U+0080 to U+009F, the line and paragraph separators, and the marks that
/// turn the direction. Invalid UTF-8 becomes U+FFFD. Applied to a JSON text it leaves it valid.
char* append_line_text(char* out, std::string_view text);

/// Writes a word of a line: as append_line_text() does where no reader could take it for two, else
/// as a JSON string, in quotes. The latter when it is empty or holds a blank, a quote, `=` or a
/// control of ASCII. `out` has two bytes more.
char* append_line_word(char* out, std::string_view text);

/// The same in strings of their own; for cold paths.
[[nodiscard]] std::string line_text(std::string_view text);
[[nodiscard]] std::string line_word(std::string_view text);

}  // namespace metlog
