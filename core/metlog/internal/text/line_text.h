#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

/// Bytes of output one byte of text may become.
inline constexpr std::size_t kLineTextGrowth = 6;

/// Writes `text` for human readers and returns the end. The text cannot end its line, move a
/// terminal's cursor, turn the reading direction or hide characters. `out` has room for
/// kLineTextGrowth * text.size() bytes and does not overlap the text.
///
/// Characters that is_unprintable() names are escaped as in JSON (`\n`, `\u001b`); quotes and
/// backslashes are not. Each maximal subpart of invalid UTF-8 becomes U+FFFD. Valid JSON stays
/// valid.
char* append_line_text(char* out, std::string_view text);

/// Writes a word of a line: as append_line_text() does where no reader could take it for two, else
/// as a JSON string, in quotes. The latter when it is empty or holds a blank, a quote, `=` or a
/// control of ASCII. `out` has two bytes more.
char* append_line_word(char* out, std::string_view text);

/// The same in strings of their own; for cold paths.
[[nodiscard]] std::string line_text(std::string_view text);
[[nodiscard]] std::string line_word(std::string_view text);

}  // namespace metlog
