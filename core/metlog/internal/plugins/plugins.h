#pragma once

#include "absl/status/statusor.h"
#include "metlog/plugin.h"
#include "metlog/value.h"

namespace metlog {

// The plugins that were shipped beside the original's client, from the parameters of their section
// in a configuration; null and options of [DEFAULT] do not count. Each is in a room of its own.

/// `cef(name, severity, environ, config, username="none", signature=none, **extensions)` sends and
/// returns a line. Parameters: syslog_options, syslog_facility, syslog_ident, syslog_priority.
absl::StatusOr<Plugin> make_cef(const ValueMap& parameters);

/// `procinfo(pid=own, net=false, io=false, cpu=false, mem=false, threads=false, busy=false,
/// server_addr=[])` sends a message for each value that it reads; see procinfo.h. No parameters.
absl::StatusOr<Plugin> make_procinfo(const ValueMap& parameters);

/// `raven(msg="", exc_info=true, logger, severity, payload=none, **extra)` sends the current
/// exception; see raven.h. Parameters: dsn, logger, severity, sentry_project_id.
absl::StatusOr<Plugin> make_raven(const ValueMap& parameters);

}  // namespace metlog
