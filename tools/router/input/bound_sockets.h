#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/address.h"
#include "tools/router/input/input.h"

namespace metlog {

/// Sockets that do not block, bound to those of the addresses that this machine has, one at least,
/// and all to one port when the first is 0. `type` is SOCK_DGRAM or SOCK_STREAM, `text` what the
/// user wrote. Errors: kPermissionDenied for an address that `reach` excludes, kUnavailable with
/// the system's reason.
absl::StatusOr<std::vector<UniqueFd>> bound_sockets(std::vector<UdpAddress> addresses, int type,
                                                    Reach reach, std::string_view text);

}  // namespace metlog
