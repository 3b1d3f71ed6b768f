#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/value.h"

namespace metlog {

/// Where it was written: `app.ini:12: [metlog] severity`, `app.json:3: sender.port`, `sender.port`.
std::string place_text(const ValueOrigin& origin);

/// A status (kInvalidArgument) that says where, what stands there and what is wrong with it:
/// `app.ini:12: [metlog] severity = "four": takes a whole number`. The key is for a value without
/// origin.
absl::Status value_error(std::string_view key, const Value& value, std::string_view what);

/// The path of a map's member: `sender.port`; a key that is no word stands in brackets,
/// `sender["a b"]`.
std::string member_path(std::string_view map, std::string_view key);
/// The path of a list's item: `filters[0]`.
std::string item_path(std::string_view list, std::size_t index);

/// Gives the values of a dictionary that have no origin one that names their path, for messages.
void name_paths(ValueMap& dict);

/// The keys at the top of a dictionary that nobody reads, in its order. They are no error.
std::vector<std::string> unknown_keys(const ValueMap& dict);

}  // namespace metlog
