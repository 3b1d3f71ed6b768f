#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "metlog/internal/config/value_origin.h"
#include "metlog/value.h"

namespace metlog {

/// Where it was written: `app.ini:12: [metlog] severity`, `app.json:3: sender.port`, `sender.port`.
std::string place_text(const ValueOrigin& origin);

/// A status (kInvalidArgument) that says where, what stands there and what is wrong with it:
/// `app.ini:12: [metlog] severity = "four": takes a whole number`. The key is for a value without
/// origin.
absl::Status value_error(std::string_view key, const Value& value, std::string_view what);

}  // namespace metlog
