#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

/// The maximum of output bytes for each byte of text.
inline constexpr std::size_t kLineTextGrowth = 6;

/// Writes `text` for human readers and returns the end. The text cannot end its line, move a
/// terminal's cursor, turn the reading direction or hide characters. `out` has room for
/// kLineTextGrowth * text.size() bytes and does not overlap the text.
///
/// Characters that is_unprintable() names are escaped as in JSON (`\n`, `\u001b`); quotes and
/// backslashes are not. Each maximal subpart of invalid UTF-8 becomes U+FFFD. Valid JSON stays
/// valid.
char* append_line_text(char* out, std::string_view text);

/// Writes a word of a line and returns the end. A word that is empty or contains a space, a quote,
/// `=` or a control of ASCII could be taken for none or two: it is written as a JSON string, in
/// quotes. Any other is written as append_line_text() does. `out` has room for two bytes more.
char* append_line_word(char* out, std::string_view text);

/// Writes `text` as append_line_text() does, and a backslash before each quote and backslash: for
/// the inside of quotes.
char* append_quoted_text(char* out, std::string_view text);

/// Writes `text` as append_line_text() does, but with its line breaks and tabs: for readers that
/// know where a message ends.
char* append_block_text(char* out, std::string_view text);

/// Return what these functions write, in new strings. For cold paths.
[[nodiscard]] std::string line_text(std::string_view text);
[[nodiscard]] std::string line_word(std::string_view text);
[[nodiscard]] std::string quoted_text(std::string_view text);
[[nodiscard]] std::string block_text(std::string_view text);

}  // namespace metlog
