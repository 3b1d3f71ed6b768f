#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "metlog/message/value.h"
#include "metlog/message/value_origin.h"

namespace metlog {

/// Where it was written: `app.ini:12: [metlog] severity`, `app.json:3: sender.port`, `sender.port`.
std::string place_text(const ValueOrigin& origin);

/// A status that says where, what stands there and what is wrong with it:
/// `app.ini:12: [metlog] severity = "four": takes a whole number`. The key is for a value without
/// origin.
absl::Status value_error(std::string_view key, const Value& value, std::string_view what);

/// Gives the values of a dictionary that have no origin one that names their path:
/// `sender.port`, `filters[0][1].severity`.
void name_paths(ValueMap& dict);

/// The keys at the top that no part of metlog reads, in the dictionary's order.
std::vector<std::string> unknown_keys(const ValueMap& dict);

}  // namespace metlog
