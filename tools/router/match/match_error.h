#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// Where byte `at` of an expression is, in characters from 1: "column 9", or "line 2, column 5"
/// when the text has several lines.
std::string match_place(std::string_view text, std::size_t at);

/// kInvalidArgument about the bytes from `begin` to `end`: "column 9: <what>", and below that the
/// line of the expression, or its part around there, with ^ below these bytes. Characters that a
/// terminal would interpret are shown as ?. `text` must be UTF-8.
absl::Status match_error(std::string_view text, std::size_t begin, std::size_t end,
                         std::string_view what);

/// Such an error in its parts, for a reader that has the expression in a file.
struct MatchErrorParts {
  std::size_t begin;      // byte of the expression
  std::string_view what;  // without the place, with the lines of the expression; in the status
};

/// The parts of a status of match_error(); nothing for any other.
std::optional<MatchErrorParts> match_error_parts(const absl::Status& status);

}  // namespace metlog
