#pragma once

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/plugin.h"

namespace metlog {

/// What call() makes of `warn(msg, args..., exc_info=...)` and its like: the original's %-format of
/// the arguments, and the current exception behind it where exc_info is neither null, false, zero
/// nor empty.
absl::StatusOr<Value> call_log(Client& client, Severity severity, const Arguments& arguments);

/// Of `exception(msg, exc_info=true, args...)`.
absl::StatusOr<Value> call_exception(Client& client, const Arguments& arguments);

}  // namespace metlog
