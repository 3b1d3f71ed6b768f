#pragma once

#include "metlog/host_logger.h"

namespace metlog {

/// syslog(3), as the program has opened it, or by its name and as LOG_USER where it has not. A
/// message's severity is syslog's own; one that is none is LOG_WARNING. A
/// NUL byte ends the text, as its interface has it. Registered as "syslog".
HostLogger syslog_logger();

/// The priority of a record, without a facility.
int syslog_priority(const HostRecord& record);

}  // namespace metlog
