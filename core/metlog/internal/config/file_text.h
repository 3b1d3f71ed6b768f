#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace metlog {

/// The largest configuration.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;

/// All of a file, or of a pipe up to its end. kNotFound, kUnavailable and, when it is larger than
/// kMaxConfigBytes, kInvalidArgument name the path and the reason.
absl::StatusOr<std::string> file_text(const std::string& path);

}  // namespace metlog
