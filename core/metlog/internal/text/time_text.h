#pragma once

#include <string_view>

#include "metlog/internal/text/value_text.h"

namespace metlog {

/// The parts of value_text.h that know durations and time points.

/// Removes the first letter of a code and returns it; 0 when there is none.
inline char take_letter(std::string_view& code) {
  if (code.empty()) return 0;
  const char letter = code.front();
  code.remove_prefix(1);
  return letter;
}

/// Reads a long double from its 16 bytes.
inline long double take_long_real(ByteCursor& bytes) {
  const auto bits = bytes.take<Uint128>();
  long double value = 0;
  std::memcpy(&value, &bits, sizeof value < sizeof bits ? sizeof value : sizeof bits);
  return value;
}

/// Writes a duration or a time point as a word, and returns the end. Null for a letter of another
/// type. `code` is what follows the letter; the unit and the marks are removed from it.
char* append_time_value(char* out, char letter, std::string_view& code, ByteCursor& bytes);

/// Removes the unit and the marks that follow such a letter; nothing after any other.
void skip_time_code(char letter, std::string_view& code);

}  // namespace metlog
