#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

// What the constructors of the reference's senders are given. Errors are kInvalidArgument and name
// the parameter, what it takes and what it was given.

/// Neither missing nor null.
inline bool is_given(const Value* value) { return value != nullptr && !value->is_null(); }

/// `formatter takes a name, not 7`, and where that stands. `written` is what stands in the
/// configuration when `value` is an item of it.
absl::Status wrong_argument(std::string_view parameter, const Value& value, std::string_view wanted,
                            const Value* written = nullptr);

/// A list, or a single value as a list of one.
ValueList list_of(const Value& value);

/// Texts that are not empty; a single one is a list of one.
absl::StatusOr<std::vector<std::string>> texts_of(std::string_view parameter, const Value& value);

/// A whole number, also one that is written as a text.
absl::StatusOr<std::int64_t> number_of(std::string_view parameter, const Value& value,
                                       std::int64_t lowest, std::int64_t highest,
                                       const Value* written = nullptr);

/// A number, also one that is written as a text; `unit` for the message.
absl::StatusOr<double> real_of(std::string_view parameter, const Value& value, double lowest,
                               double highest, std::string_view unit);

absl::StatusOr<bool> flag_of(std::string_view parameter, const Value& value);

}  // namespace metlog
