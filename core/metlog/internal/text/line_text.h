#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

/// The maximum of output bytes for each byte of text.
inline constexpr std::size_t kLineTextGrowth = 6;

// How text is shown to human readers. None of these functions lets a text end its line, move a
// terminal's cursor, turn the reading direction or hide characters: what is_unprintable() is
// escaped as in JSON (`\n`, `\u001b`). `out` has room for kLineTextGrowth * text.size() bytes and
// does not overlap the text. Each returns the end.

/// For JSON, and for diagnostics: quotes and backslashes are not escaped, so valid JSON stays
/// valid. Each maximal subpart of invalid UTF-8 becomes U+FFFD.
char* append_line_text(char* out, std::string_view text);

// The others are reversible: what they have written tells every byte of the text. A backslash is
// written twice, as no escape begins otherwise.

/// For the text of a line. A byte that is no UTF-8 is written `\xe9`. Quotes are not escaped.
char* append_reversible_text(char* out, std::string_view text);

/// For the inside of quotes: a JSON string. A byte that is no UTF-8 is written `\udce9`, a half of
/// a surrogate pair, which readers of JSON and of logfmt take. A quote follows a backslash.
char* append_quoted_text(char* out, std::string_view text);

/// For a word of a line. It is written in such quotes if it is empty, needs an escape, or contains
/// a space, a quote, `=` or a backslash: it could be taken for none, or for two. Else it is written
/// as it is. `out` has room for two bytes more.
char* append_line_word(char* out, std::string_view text);

/// Writes `text` as append_line_text() does, but with its line breaks and tabs: for readers that
/// know where a message ends. Not reversible.
char* append_block_text(char* out, std::string_view text);

/// Return what these functions write, in new strings. For cold paths.
[[nodiscard]] std::string line_text(std::string_view text);
[[nodiscard]] std::string reversible_text(std::string_view text);
[[nodiscard]] std::string quoted_text(std::string_view text);
[[nodiscard]] std::string block_text(std::string_view text);
[[nodiscard]] std::string line_word(std::string_view text);

}  // namespace metlog
