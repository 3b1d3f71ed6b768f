#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/plugin.h"

namespace metlog {

/// Whether a client has something of this name by itself, a method or not, as the reference's
/// clients and ours do.
bool is_clients_own(std::string_view name);

/// A client's own method as call() finds it; null for any other name.
const Method* find_builtin(std::string_view name);
std::vector<std::string_view> builtin_names();

/// What call() makes of `warn(msg, args..., exc_info=...)` and its like: the original's %-format of
/// the arguments, and the current exception behind it where exc_info is neither null, false, zero
/// nor empty.
absl::StatusOr<Value> call_log(Client& client, Severity severity, const Arguments& arguments);

/// Of `exception(msg, exc_info=true, args...)`.
absl::StatusOr<Value> call_exception(Client& client, const Arguments& arguments);

}  // namespace metlog
