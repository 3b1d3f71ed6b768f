#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

/// `scheme://public:secret@host[:port][/prefix]/project`, where the events go. Only the text and
/// the project are of use here: the router sends.
struct SentryDsn {
  std::string text;
  std::string project;
};

/// The scheme is http, https or udp, with a transport of the original's in front or not
/// (`threaded+http`). The secret may be missing, as in the DSNs of today. kInvalidArgument has the
/// DSN, but not its secret: `Invalid Sentry DSN: 'http://host/1'`.
absl::StatusOr<SentryDsn> parse_sentry_dsn(std::string_view text);

}  // namespace metlog
