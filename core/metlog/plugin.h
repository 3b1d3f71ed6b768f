#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// What a call by name is given: `{{1, "two"}, {{"verbose", true}}}`.
struct Arguments {
  ValueList positional = {};
  ValueMap named = {};
};

class Client;

/// What a client does when it is called by a name of the user's own. Called from any thread, by
/// several at a time. What it throws reaches the caller.
using Method = std::function<absl::StatusOr<Value>(Client& client, const Arguments& arguments)>;

/// A method and the name it declares for itself.
struct Plugin {
  std::string name;
  Method method;
};

class Client;

/// Calls a method that was added, or one of the client's own: metlog, incr, timer_send, debug,
/// info, notice, warn, error, critical, alert, emergency, exception. Their arguments are those of
/// the member functions and of CallOptions, by position or name: `incr(name, count, logger,
/// severity, fields, rate)`; they answer null. kNotFound lists what may have been meant;
/// kInvalidArgument names the argument at fault. A method's own answer is passed on. Any thread.
/// Defined at the face, which knows what a Client is.
absl::StatusOr<Value> call_method(Client& client, std::string_view name,
                                  const Arguments& arguments = {});

}  // namespace metlog
