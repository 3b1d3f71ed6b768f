#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "tools/router/input/input.h"

namespace metlog {

/// Whether a ZMQ input may be bound to `endpoint`: ipc:// always, tcp:// on loopback or with
/// kAnywhere. kInvalidArgument for what is neither, kPermissionDenied for what is refused.
absl::Status check_zmq_endpoint(std::string_view endpoint, Reach reach);

}  // namespace metlog
