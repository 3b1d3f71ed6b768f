#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

// Reads the arguments of the reference's constructors. Errors are kInvalidArgument and name the
// parameter, what it takes and what it was given.

/// True unless the argument is missing or null.
inline bool is_given(const Value* value) { return value != nullptr && !value->is_null(); }

/// `formatter takes a name, not 7`, and the place in the configuration. `written` is the list that
/// is written there when `value` is an item of it.
absl::Status wrong_argument(std::string_view parameter, const Value& value, std::string_view wanted,
                            const Value* written = nullptr);

/// The list, or a list of the single value.
ValueList list_of(const Value& value);

/// Strings that are not empty; a single one is a list of one.
absl::StatusOr<std::vector<std::string>> texts_of(std::string_view parameter, const Value& value);

/// A whole number, which may be written as a string.
absl::StatusOr<std::int64_t> number_of(std::string_view parameter, const Value& value,
                                       std::int64_t min, std::int64_t max,
                                       const Value* written = nullptr);

/// A number, which may be written as a string; `unit` is for the message.
absl::StatusOr<double> real_of(std::string_view parameter, const Value& value, double min,
                               double max, std::string_view unit);

absl::StatusOr<bool> flag_of(std::string_view parameter, const Value& value);

}  // namespace metlog
