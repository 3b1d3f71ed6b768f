#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// One conversion of a %-format: `%-*.3f`.
struct PercentConversion {
  bool is_left = false;       // '-'
  bool has_plus = false;      // '+'
  bool has_space = false;     // ' '
  bool is_alternate = false;  // '#'
  bool has_zero = false;      // '0'
  int width = 0;
  std::optional<int> precision = std::nullopt;
  char letter = 0;
  std::size_t letter_index = 0;  // in the format, for errors

  /// The maximum of a width and a precision; a message of more spaces is useless.
  static constexpr int kMax = 65'535;
};

/// Returns the text of one argument. Errors have the original's messages.
absl::StatusOr<std::string> convert_percent(const PercentConversion& conversion,
                                            const Value& value);
/// Returns the text of `%%`, which takes no argument.
std::string percent_sign(const PercentConversion& conversion);

}  // namespace metlog
