#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// Writes a file so that whoever sees it sees all of it: beside it first, then renamed.
/// kUnavailable names the path and the system's reason.
absl::Status write_file_atomic(const std::string& path, std::string_view text);

/// Finds out now whether write_file_atomic() could write there later; leaves nothing behind.
absl::Status check_file_writable(const std::string& path);

}  // namespace metlog
