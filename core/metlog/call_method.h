#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/arguments.h"

namespace metlog {

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
