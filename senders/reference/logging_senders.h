#pragma once

#include "absl/status/statusor.h"
#include "metlog/plugin.h"
#include "metlog/providers.h"

namespace metlog {

/// The reference's `metlog.senders.logging.StdLibLoggingSender(logger_name=none,
/// payload_types=["oldstyle"], json_types=["*"])`: a host logger by its name, see
/// host_logger.h; without one, the root. Messages of neither list are filtered.
absl::StatusOr<SenderPlan> plan_host_logger(const Arguments& arguments);

}  // namespace metlog
