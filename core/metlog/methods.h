#pragma once

#include "absl/status/status.h"
#include "metlog/client.h"
#include "metlog/plugin.h"

namespace metlog {

/// Calls by name, and names of the user's own. With this header a Client has
///
///   client.add_method({"ping", [](Client& client, const Arguments& arguments) { ... }});
///   absl::StatusOr<Value> answer = client.call("ping", {{1, 2}, {{"verbose", true}}});
///
/// Any thread. call() is described in call_method.h.

/// Adds a method under the name it declares. `override_with`: false refuses a name that is in use,
/// with kAlreadyExists and `The name [X] is already in use`; true replaces what has the name; a
/// text replaces and is the name. In use are the names that were added before and those of the
/// client itself (`incr`, `exception`, `logger`, ...). An overridden built-in is what call()
/// finds; the member function of that name stays what the compiler made it.
absl::Status add_method_to(Client& client, const Plugin& plugin,
                           const Value& override_with = false);

}  // namespace metlog
