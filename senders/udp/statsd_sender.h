#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"

namespace metlog {

// A destination of counters and timers, as lines of statsd (statsd_line.h); of what else a client
// logs, no message comes here: it is filtered before.
//
// `statsd://host:port`, port 8125 by default, sends lines of statsd over UDP, several in a
// datagram, with newlines between them. See UdpSender for closed ports. Options:
//   max_datagram=N  bytes, 1..65507, default 1432; a longer line has a datagram to itself
//   sndbuf=N        of UdpSender

/// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
absl::StatusOr<std::unique_ptr<Sender>> open_statsd(const Url& url);
/// What is wrong with the URL; resolves no name.
absl::Status check_statsd_url(const Url& url);

}  // namespace metlog
