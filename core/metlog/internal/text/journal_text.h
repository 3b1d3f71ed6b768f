#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

// Fields of the journal's native protocol: `KEY=value`, or, for a value of several lines,
// `KEY`, a newline, the length of the value as 8 bytes, little-endian, and the value.

/// The bytes that a value of several lines has more than one of a single line.
inline constexpr std::size_t kJournalLengthBytes = 8;

/// Writes a key as the journal takes it and returns the end: letters become upper case, what is
/// none of ASCII, no digit and no `_` becomes `_`. `F` comes before a key that begins with none, or
/// is empty. 64 bytes at most. `out` has room for the key and two bytes.
char* append_journal_key(char* out, std::string_view key);

/// Ends a value that was written to `value`, after `KEY=`, up to `end`; returns the new end. `out`
/// has room for kJournalLengthBytes more.
char* end_journal_value(char* value, char* end);
/// Does the same for the value that begins at `value` and ends the text.
void end_journal_value(std::string& text, std::size_t value);

/// Writes a string as append_block_text() does, of which append_line_word() has made `word`.
char* append_block_of_word(char* out, std::string_view word);

}  // namespace metlog
