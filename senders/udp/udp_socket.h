#pragma once

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"

namespace metlog {

/// A datagram socket that does not wait, connected to the host and port of `url`; a name is
/// resolved now. `send_buffer_bytes` is asked of the kernel unless it is 0. kInvalidArgument for
/// the URL; kUnavailable and the like carry the system's reason.
absl::StatusOr<UniqueFd> open_udp_socket(const Url& url, int send_buffer_bytes);

}  // namespace metlog
