#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/value.h"

namespace metlog {

/// The place where a value was written: `app.ini:12: [metlog] severity`, `app.json:3: sender.port`,
/// `sender.port`.
std::string place_text(const ValueOrigin& origin);

/// A status (kInvalidArgument) with the place, the value and what is wrong with it:
/// `app.ini:12: [metlog] severity = "four": takes a whole number`. `key` names a value without
/// origin.
absl::Status value_error(std::string_view key, const Value& value, std::string_view what);

/// The path of a map's member: `sender.port`; a key that is not a word is written in brackets,
/// `sender["a b"]`.
std::string member_path(std::string_view map, std::string_view key);
/// The path of a list's item: `filters[0]`.
std::string item_path(std::string_view list, std::size_t index);

/// Gives each value of a dictionary that has no origin one with its path, for messages.
void name_paths(ValueMap& dict);

/// The top-level keys of a dictionary that metlog does not read, in order. They are no error.
std::vector<std::string> unknown_keys(const ValueMap& dict);

}  // namespace metlog
