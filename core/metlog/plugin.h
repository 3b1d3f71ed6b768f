#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// The arguments of a call by name: `{{1, "two"}, {{"verbose", true}}}`.
struct Arguments {
  ValueList positional = {};
  ValueMap named = {};
};

class Client;

/// A method that a program adds to a client. Called from any thread, by several at a time. Its
/// exceptions reach the caller.
using Method = std::function<absl::StatusOr<Value>(Client& client, const Arguments& arguments)>;

/// A method and the name it declares for itself.
struct Plugin {
  std::string name;
  Method method;
};

/// Calls an added method, or a built-in one: metlog, incr, timer_send, debug, info, notice, warn,
/// error, critical, alert, emergency, exception. The arguments of these are those of the member
/// functions and of CallOptions, by position or name: `incr(name, count, logger, severity, fields,
/// rate)`; they return null. kNotFound suggests names; kInvalidArgument names the argument at
/// fault. The result of an added method is passed on. Any thread. Defined in client/, which knows
/// Client.
absl::StatusOr<Value> call_method(Client& client, std::string_view name,
                                  const Arguments& arguments = {});

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
