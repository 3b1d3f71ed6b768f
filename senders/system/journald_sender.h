#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"

namespace metlog {

// `journald:` sends each message to the socket /run/systemd/journal/socket, `journald:/path` to
// another, in the native protocol: a datagram of fields, or, where that is too long, a sealed file
// in memory, which only its length in memory limits. See UnixDatagramSender for a journal that is
// away or slow. Options:
//   hold_ms=N       0..3600000, default 2000
//   max_datagram=N  bytes, 1..16777216: a longer message goes as a file; by default what is longer
//                   than the kernel takes

/// kInvalidArgument for the URL.
absl::StatusOr<std::unique_ptr<Sender>> open_journald(const Url& url);
/// What is wrong with the URL.
absl::Status check_journald_url(const Url& url);

}  // namespace metlog
