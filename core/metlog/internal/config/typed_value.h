#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/severity.h"
#include "metlog/value.h"

namespace metlog {

// The value of a dictionary's key as the type that its reader needs. Every function returns
//   kNotFound         for a missing key and for null (xxx_or: the fallback instead)
//   kInvalidArgument  for a value of another type or out of range
// with a message that has the place, the value and what the key takes:
//   app.ini:12: [metlog] severity = "four": takes a whole number
//   app.json:3: sender.port = [1,2]: takes a port, 1 to 65535
// There are no conversions but those listed here.

/// Allowed integers, both ends included.
struct IntegerRange {
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
};

absl::StatusOr<std::string> text_at(const ValueMap& dict, std::string_view key);
absl::StatusOr<std::int64_t> integer_at(const ValueMap& dict, std::string_view key,
                                        IntegerRange range = {});
absl::StatusOr<double> real_at(const ValueMap& dict, std::string_view key);  // integers too
absl::StatusOr<bool> bool_at(const ValueMap& dict, std::string_view key);
/// The level of a logger, by its number or name.
absl::StatusOr<Severity> level_at(const ValueMap& dict, std::string_view key);
absl::StatusOr<ValueMap> map_at(const ValueMap& dict, std::string_view key);
/// A single string is a list of one.
absl::StatusOr<std::vector<std::string>> text_list_at(const ValueMap& dict, std::string_view key);
/// 1 to 65535; a string of decimal digits is a number here, since the environment has only strings.
absl::StatusOr<int> port_at(const ValueMap& dict, std::string_view key);
/// Ports; a single one is a list of one.
absl::StatusOr<std::vector<int>> port_list_at(const ValueMap& dict, std::string_view key);

// Like the above, with a fallback.
absl::StatusOr<std::string> text_or(const ValueMap& dict, std::string_view key,
                                    std::string_view fallback);
absl::StatusOr<std::int64_t> integer_or(const ValueMap& dict, std::string_view key,
                                        std::int64_t fallback, IntegerRange range = {});
absl::StatusOr<double> real_or(const ValueMap& dict, std::string_view key, double fallback);
absl::StatusOr<bool> bool_or(const ValueMap& dict, std::string_view key, bool fallback);
absl::StatusOr<ValueMap> map_or_empty(const ValueMap& dict, std::string_view key);
absl::StatusOr<std::vector<std::string>> text_list_or_empty(const ValueMap& dict,
                                                            std::string_view key);

/// Fails for the first key that is not among `known`, and lists these. An option of an INI file's
/// [DEFAULT] is in every section, and null is no value; neither fails.
absl::Status check_keys(const ValueMap& dict, const std::vector<std::string_view>& known);

/// The place where a configuration's value was written, for messages and `metlog config --explain`.
struct ValueOrigin {
  std::string file;       // as messages name it; empty: the program gave the value
  int line = 0;           // from 1; 0 when unknown
  std::string section;    // of an INI file, DEFAULT too; else empty
  std::string key;        // the option's name; without a section the path: sender.port, filters[0]
  std::string written;    // an INI option's text, before interpolation and conversion
  int replaced_line = 0;  // line of an earlier option of this name, which this replaces; or 0
  bool is_interpolated = false;  // `written` has %(name)s
  std::string variables;         // of the environment, separated by ", "; or empty
};

}  // namespace metlog
