#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace metlog {

/// What the grammar of INI files takes for blanks; the newline among them.
inline constexpr std::string_view kIniBlanks = " \t\n\v\f\r";

[[nodiscard]] inline bool is_ini_blank(char byte) {
  return kIniBlanks.find(byte) != std::string_view::npos;
}

[[nodiscard]] inline std::string_view trimmed_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kIniBlanks), text.size()));
  return text;
}

[[nodiscard]] inline std::string_view trimmed_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kIniBlanks) + 1);
}

[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  return trimmed_left(trimmed_right(text));
}

/// Letters of ASCII in lower case; no locale is asked.
[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

}  // namespace metlog
