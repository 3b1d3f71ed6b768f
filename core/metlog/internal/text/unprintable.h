#pragma once

namespace metlog {

/// True for a character that neither a terminal nor a line of text gets raw, because it moves the
/// cursor, ends the line, turns the reading direction or cannot be seen. The table is in
/// unprintable.cc. append_line_text() and escape_for_terminal() write such characters escaped.
[[nodiscard]] bool is_unprintable(char32_t character);

}  // namespace metlog
