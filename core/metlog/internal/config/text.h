#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

/// Returns the text for a message: in quotes, with unprintable characters escaped and invalid bytes
/// replaced, cut after about 120 bytes.
std::string quote(std::string_view text);

/// Returns the text, escaped and cut alike, without quotes: for JSON or a name.
std::string quote_excerpt(std::string_view text);

/// Returns the text without the spaces and tabs that all its lines begin with. A tab differs from
/// any number of spaces. Lines of only spaces and tabs become empty and are not counted.
std::string dedent(std::string_view text);

/// The whitespace of INI files, newlines included.
inline constexpr std::string_view kIniWhitespace = " \t\n\v\f\r";

[[nodiscard]] inline bool is_ini_whitespace(char byte) {
  return kIniWhitespace.find(byte) != std::string_view::npos;
}

[[nodiscard]] inline std::string_view trim_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kIniWhitespace), text.size()));
  return text;
}

[[nodiscard]] inline std::string_view trim_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kIniWhitespace) + 1);
}

[[nodiscard]] inline std::string_view trim(std::string_view text) {
  return trim_left(trim_right(text));
}

/// Returns the text with the letters of ASCII in lower case. Uses no locale.
[[nodiscard]] inline std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

/// The maximum size of a configuration.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;

/// Returns the content of a file, or of a pipe up to its end. Errors name the path and the reason:
/// kNotFound, kUnavailable, and kInvalidArgument for more than kMaxConfigBytes.
absl::StatusOr<std::string> file_text(const std::string& path);

}  // namespace metlog
