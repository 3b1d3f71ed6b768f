#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// Writes the text to a temporary file in the same directory and renames it to `path`, so that no
/// reader sees a part of it. A symbolic link stays one, and a device or a pipe is written to as it
/// is. Error: kUnavailable with the path and the system's reason.
absl::Status write_file_atomic(const std::string& path, std::string_view text);

/// Checks whether write_file_atomic() can write there, without leaving a file. Errors are the same.
absl::Status check_file_writable(const std::string& path);

}  // namespace metlog
