#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include "absl/status/status.h"
#include "metlog/client.h"
#include "metlog/plugin.h"

namespace metlog {

/// Calls by name, and methods that a program adds. With this header a Client has
///
///   client.add_method({"ping", [](Client& client, const Arguments& arguments) { ... }});
///   absl::StatusOr<Value> answer = client.call("ping", {{1, 2}, {{"verbose", true}}});
///
/// Any thread. For call() see call_method() in plugin.h.

/// Adds a method under the name it declares. `override_with`: false refuses a name that is in use,
/// with kAlreadyExists and `The name [X] is already in use`; true replaces the method of that name;
/// a string replaces and is the name. In use are the names of added methods and of the client's own
/// (`incr`, `exception`, `logger`, ...). call() uses an override of a built-in method; the member
/// function of that name does not change.
absl::Status add_method_to(Client& client, const Plugin& plugin,
                           const Value& override_with = false);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
