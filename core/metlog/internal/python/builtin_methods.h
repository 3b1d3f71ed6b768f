#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/plugin.h"

namespace metlog {

/// True when every client has a member of this name, a method or not: the reference's clients or
/// ours.
bool is_clients_own(std::string_view name);

/// Returns the built-in method of that name, as call() finds it, or null.
const Method* find_builtin(std::string_view name);
std::vector<std::string_view> builtin_names();

/// Runs `warn(msg, args..., exc_info=...)` and the like for call(): formats the arguments by the
/// original's %-format, and appends the current exception unless exc_info is null, false, zero or
/// empty.
absl::StatusOr<Value> call_log(Client& client, Severity severity, const Arguments& arguments);

/// Runs `exception(msg, exc_info=true, args...)` for call().
absl::StatusOr<Value> call_exception(Client& client, const Arguments& arguments);

}  // namespace metlog
