#pragma once

#include <cstring>
#include <string>

#include "absl/status/status.h"

namespace metlog {

/// Returns "`what`: <the system's reason>; `next_step`" with the status code for `error` (an
/// errno).
inline absl::Status errno_status(int error, const std::string& what, const std::string& next_step) {
  const char* const reason = strerrordesc_np(error);
  return {absl::ErrnoToStatusCode(error),
          what + ": " + (reason != nullptr ? reason : "unknown error") + "; " + next_step};
}

}  // namespace metlog
