#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// Writes "metlog: <text>" and a newline to stderr.
void report(std::string_view text);

/// Reports the status and returns kExitUsage. `option` is what held the value at fault.
int refuse(std::string_view option, const absl::Status& status);

}  // namespace metlog
