#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/provider/arguments.h"
#include "metlog/provider/plugin.h"

namespace metlog {

/// Calls by name, and names of the user's own. With this header a Client has
///
///   client.add_method({"ping", [](Client& client, const Arguments& arguments) { ... }});
///   absl::StatusOr<Value> answer = client.call("ping", {{1, 2}, {{"verbose", true}}});
///
/// Any thread.

/// Adds a method under the name it declares. `override_with`: false refuses a name that is in use,
/// with kAlreadyExists and `The name [X] is already in use`; true replaces what has the name; a
/// text replaces and is the name. In use are the names that were added before and those of the
/// client itself (`incr`, `exception`, `logger`, ...). An overridden built-in is what call()
/// finds; the member function of that name stays what the compiler made it.
absl::Status add_method_to(Client& client, const Plugin& plugin,
                           const Value& override_with = false);

/// Calls a method that was added, or one of the client's own: metlog, incr, timer_send, debug,
/// info, notice, warn, error, critical, alert, emergency, exception. Their arguments are those of
/// the member functions and of CallOptions, by position or name: `incr(name, count, logger,
/// severity, fields, rate)`; they answer null. kNotFound lists what may have been meant;
/// kInvalidArgument names the argument at fault. A method's own answer is passed on.
absl::StatusOr<Value> call_method(Client& client, std::string_view name,
                                  const Arguments& arguments = {});

}  // namespace metlog
