#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

// What a key of a dictionary says, as the type its reader needs. Every function answers
//   kNotFound         there is no such key (xxx_or: the fallback instead)
//   kInvalidArgument  it is of another type, or out of range
// with a message that says where, what stands there and what it takes:
//   app.ini:12: [metlog] severity = "four": takes a whole number
//   app.json:3: sender.port = [1,2]: takes a port, 1 to 65535
// Null is a value of another type. Nothing is converted but what is said here.

/// What an integer may be; both ends count.
struct IntegerRange {
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
};

absl::StatusOr<std::string> text_at(const ValueMap& dict, std::string_view key);
absl::StatusOr<std::int64_t> integer_at(const ValueMap& dict, std::string_view key,
                                        IntegerRange range = {});
absl::StatusOr<double> real_at(const ValueMap& dict, std::string_view key);  // integers too
absl::StatusOr<bool> bool_at(const ValueMap& dict, std::string_view key);
absl::StatusOr<ValueMap> map_at(const ValueMap& dict, std::string_view key);
/// A single text is a list of one.
absl::StatusOr<std::vector<std::string>> text_list_at(const ValueMap& dict, std::string_view key);
/// 1 to 65535; decimal digits in a text are a number here, as the environment gives nothing else.
absl::StatusOr<int> port_at(const ValueMap& dict, std::string_view key);
/// Ports; a single one is a list of one.
absl::StatusOr<std::vector<int>> port_list_at(const ValueMap& dict, std::string_view key);

// The same with a value for the key that is not there.
absl::StatusOr<std::string> text_or(const ValueMap& dict, std::string_view key,
                                    std::string_view fallback);
absl::StatusOr<std::int64_t> integer_or(const ValueMap& dict, std::string_view key,
                                        std::int64_t fallback, IntegerRange range = {});
absl::StatusOr<double> real_or(const ValueMap& dict, std::string_view key, double fallback);
absl::StatusOr<bool> bool_or(const ValueMap& dict, std::string_view key, bool fallback);
absl::StatusOr<ValueMap> map_or_empty(const ValueMap& dict, std::string_view key);
absl::StatusOr<std::vector<std::string>> text_list_or_empty(const ValueMap& dict,
                                                            std::string_view key);

/// Fails for the first key that is not among `known`, with the list of those that are.
absl::Status check_keys(const ValueMap& dict, const std::vector<std::string_view>& known);

/// Where a value of a configuration was written, for messages and `metlog config --explain`.
struct ValueOrigin {
  std::string file;       // as messages name it; empty: the program gave the value
  int line = 0;           // from 1; 0 when unknown
  std::string section;    // of an INI file, DEFAULT too; else empty
  std::string key;        // the option's name; without a section the path: sender.port, filters[0]
  std::string written;    // an INI option's text, before interpolation and conversion
  int replaced_line = 0;  // where the same option stood before, which counts no more; or 0
  bool is_interpolated = false;  // `written` has %(name)s
  std::string variables;         // of the environment, separated by ", "; or empty
};

}  // namespace metlog
