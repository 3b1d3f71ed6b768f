#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// One line of an INI file, as far as it can be told from itself.
struct IniLine {
  enum class Kind : std::uint8_t {
    kSkipped,    // blank, or a comment
    kIndented,   // goes on with the option above, if there is one; `value` is the trimmed text
    kSection,    // `name` stands between the brackets
    kOption,     // `name` is lower-cased, `value` trimmed, without an inline comment
    kUnreadable  // none of these
  };

  Kind kind = Kind::kSkipped;
  std::string name = "";
  std::string_view value = "";
};

/// Reads a line, given without its newline; `value` points into it.
IniLine read_ini_line(std::string_view line);

}  // namespace metlog
