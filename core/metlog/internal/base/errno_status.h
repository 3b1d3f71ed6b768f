#pragma once

#include <string>

#include "absl/status/status.h"

namespace metlog {

/// `what: the system's reason; next_step`, with the code that fits `error` (an errno).
absl::Status errno_status(int error, const std::string& what, const std::string& next_step);

}  // namespace metlog
