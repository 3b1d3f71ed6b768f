#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

/// The text for a message: in quotes, controls and invalid bytes escaped, cut when it is long.
std::string quote(std::string_view text);

/// The text, escaped and cut alike, without quotes of its own: a JSON text, a name.
std::string quote_excerpt(std::string_view text);

/// The text without the blanks and tabs that all its lines begin with; lines of nothing but blanks
/// and tabs become empty and do not count. A tab and blanks have nothing in common.
std::string dedent(std::string_view text);

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

[[nodiscard]] inline std::string_view trim(std::string_view text) {
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

/// The largest configuration.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;

/// All of a file, or of a pipe up to its end. kNotFound, kUnavailable and, when it is larger than
/// kMaxConfigBytes, kInvalidArgument name the path and the reason.
absl::StatusOr<std::string> file_text(const std::string& path);

}  // namespace metlog
