#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"

namespace metlog {

// Senders of messages of RFC 5424 or, with the format option rfc=3164, of RFC 3164, one for each:
//
//   syslog:                   a datagram to the socket /dev/log of this machine, or to another,
//   syslog:/path              see UnixDatagramSender. Options:
//                               hold_ms=N       0..3600000, default 2000
//                               max_datagram=N  bytes, 1..16777216, default what the kernel takes
//   syslog://host:port        a datagram over UDP (RFC 5426), port 514 by default; the options
//                             max_datagram and sndbuf of UdpSender
//   syslog+tcp://host:port    a frame over TCP (RFC 6587), port 514 by default, see
//   TcpStreamSender.
//                             Options:
//                               hold_ms=N       as above
//                               framing=WORD    octet-count (the default), newline

/// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
absl::StatusOr<std::unique_ptr<Sender>> open_syslog(const Url& url);
/// What is wrong with the URL; resolves no name.
absl::Status check_syslog_url(const Url& url);

}  // namespace metlog
