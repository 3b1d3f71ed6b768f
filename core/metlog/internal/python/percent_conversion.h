#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// One conversion of a %-format, as it was read: `%-*.3f`.
struct PercentConversion {
  bool is_left = false;       // '-'
  bool has_plus = false;      // '+'
  bool has_blank = false;     // ' '
  bool is_alternate = false;  // '#'
  bool has_zero = false;      // '0'
  int width = 0;
  std::optional<int> precision = std::nullopt;
  char letter = 0;
  std::size_t letter_index = 0;  // in the format, for errors

  /// The most that a width or precision may be: a message of that many blanks is none.
  static constexpr int kMax = 65'535;
};

/// The text of one argument; the error's text is the original's.
absl::StatusOr<std::string> convert_percent(const PercentConversion& conversion,
                                            const Value& value);
/// Of `%%`, which takes no argument.
std::string percent_sign(const PercentConversion& conversion);

}  // namespace metlog
