#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "metlog/internal/base/int128.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {

/// Returns the maximum of bytes that a specification adds to a value of this type, escaped for JSON
/// or for a line; 0 for an empty one.
std::size_t spec_text_growth(std::string_view spec, std::string_view type);

/// Writes a scalar by the format's specification (`>8.3f`), unescaped, and returns the end. Only a
/// format made at run time can have a specification that does not fit the type; it is written
/// instead of the value: `{?>8.3f}`. So is `c` for an integer that is no char. `L` asks the global
/// locale of the process when the message is written.
char* append_with_spec(char* out, std::string_view spec, std::string_view code, ByteCursor& bytes);

/// Does the same for a string.
char* append_text_with_spec(char* out, std::string_view spec, std::string_view text);

/// A number of a specification that comes from an argument.
struct SpecNumber {
  enum class State : unsigned char { kNone, kGiven, kWrong };  // wrong: there is no such integer

  State state = State::kNone;
  Int128 value = 0;

  /// The number as a format may give it; 0 when it may not.
  [[nodiscard]] std::size_t allowed() const;
};

/// A specification with its numbers put in, `>8.3f` for `>{}.{}f` with 8 and 3.
struct ResolvedSpec {
  std::string spec;
  /// Written after the value when a number is left out, because it is negative, above 9999 or no
  /// integer: `{?width -1}`.
  std::string complaint;
};
ResolvedSpec resolve_spec(std::string_view spec, const SpecNumber& width,
                          const SpecNumber& precision);

/// Returns spec_text_growth() of any specification with these numbers.
std::size_t resolved_spec_growth(std::string_view spec, std::string_view type,
                                 const SpecNumber& width, const SpecNumber& precision);

}  // namespace metlog
