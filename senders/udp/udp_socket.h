#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"

namespace metlog {

/// A datagram socket that does not wait, connected to `target`; a name is resolved now.
/// `send_buffer_bytes` is requested from the kernel unless it is 0. `url` is for messages.
/// kUnavailable and the like carry the system's reason.
absl::StatusOr<UniqueFd> open_udp_socket(const HostAndPort& target, std::string_view url,
                                         int send_buffer_bytes = 0);

}  // namespace metlog
