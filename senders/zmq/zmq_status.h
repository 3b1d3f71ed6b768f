#pragma once

#include <string>

#include "absl/status/status.h"

namespace metlog {

/// What libzmq's last call in this thread failed for, behind `what`.
absl::Status zmq_status(const std::string& what);

}  // namespace metlog
